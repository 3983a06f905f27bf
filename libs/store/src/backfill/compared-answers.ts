import type { Distribution } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What two model versions answered for one series; null for one that did not. */
export interface ComparedAnswers {
  readonly study: string;
  readonly series: string;
  readonly a: readonly Distribution[] | null;
  readonly b: readonly Distribution[] | null;
}

interface Version {
  readonly id: string;
  readonly version: string;
}

interface ComparedPage {
  readonly a: Version;
  readonly b: Version;
  readonly after: string | null;
  /** Studies of a page. */
  readonly limit: number;
}

type Row = ComparedAnswers & { readonly item: string };

/**
 * The newest answer of each of two versions for every series of a page of a backfill's studies,
 * whichever run of the study it is of. `next` continues after the page.
 */
export async function readComparedAnswers(
  db: Database,
  backfill: string,
  { a, b, after, limit }: ComparedPage,
): Promise<{
  readonly answers: ComparedAnswers[];
  readonly studies: number;
  readonly next: string | null;
}> {
  const { rows } = await sql<Row & { readonly answered: boolean }>`
    WITH page AS MATERIALIZED (
      SELECT item.id AS item, item.study_uid, study.id AS study_id
      FROM (SELECT id, tenant_id, study_uid FROM backfill_item
        WHERE backfill_id = ${backfill} AND id > ${after ?? ""} ORDER BY id LIMIT ${limit}) AS item
      LEFT JOIN study ON study.tenant_id = item.tenant_id AND study.study_uid = item.study_uid
    ), wanted(side, id, version) AS (
      VALUES ('a', ${a.id}, ${a.version}), ('b', ${b.id}, ${b.version})
    ), newest AS (
      SELECT DISTINCT ON (page.item, prediction.series_id, task.part, wanted.side) page.item,
        prediction.series_id, task.part, wanted.side, prediction.result -> 'distributions' AS said
      FROM page JOIN prediction ON prediction.study_id = page.study_id
      JOIN wanted ON wanted.id = prediction.model_id AND wanted.version = prediction.model_version
      JOIN task ON task.id = prediction.task_id
      ORDER BY page.item, prediction.series_id, task.part, wanted.side, prediction.created_at DESC
    ), paired AS (
      SELECT item, series_id, (array_agg(said) FILTER (WHERE side = 'a'))[1] AS a,
        (array_agg(said) FILTER (WHERE side = 'b'))[1] AS b
      FROM newest GROUP BY item, series_id, part)
    SELECT page.item, page.study_uid AS study, series.series_uid AS series,
      series.id IS NOT NULL AS answered, paired.a, paired.b
    FROM page LEFT JOIN paired ON paired.item = page.item
    LEFT JOIN series ON series.id = paired.series_id
    ORDER BY page.item, series.series_uid`.execute(db);
  const items = new Set(rows.map(({ item }) => item));
  return {
    answers: rows.filter(({ answered }) => answered),
    studies: items.size,
    next: items.size < limit ? null : (rows.at(-1)?.item ?? null),
  };
}

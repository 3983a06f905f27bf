import type { BackfillItemState, Distribution, StageTimings } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import { currentRunId } from "../answers.ts";
import type { Database } from "../database.ts";

/** A row of an export, as Postgres has it. */
export interface BackfillResultRow {
  readonly item: string;
  readonly study: string;
  readonly state: BackfillItemState;
  readonly outcome: "prediction" | "refusal" | "failure" | "none";
  readonly series: string | null;
  readonly code: string | null;
  readonly patientId: string | null;
  readonly accession: string | null;
  readonly studyDate: string | null;
  readonly modality: string | null;
  readonly manufacturer: string | null;
  readonly scanner: string | null;
  readonly site: string | null;
  readonly lane: string | null;
  readonly model: string | null;
  readonly version: string | null;
  readonly sha256: string | null;
  readonly label: string | null;
  readonly display: string | null;
  readonly probability: number | null;
  readonly probabilities: Record<string, number> | null;
  readonly further: Distribution[] | null;
  readonly provider: string | null;
  readonly waitMs: number | null;
  readonly decodeMs: number | null;
  readonly batchWaitMs: number | null;
  readonly inferMs: number | null;
  readonly totalMs: number | null;
  readonly persistMs: number | null;
  readonly answeredAt: Date | null;
}

/**
 * The rows of a page of a backfill's items: predictions, refusals and dead tasks of each study's
 * current run, or one row for a study that has none of them. `next` continues after the page.
 */
export async function readBackfillResults(
  db: Database,
  backfill: string,
  { after, limit }: { readonly after: string | null; readonly limit: number },
): Promise<{ readonly rows: BackfillResultRow[]; readonly next: string | null }> {
  const { rows } = await sql<BackfillResultRow>`
    WITH page AS MATERIALIZED (
      SELECT item.*, study.id AS study_id, study.tags, study.lane,
        ${currentRunId(sql`study.id`)} AS run
      FROM (SELECT id, tenant_id, study_uid, state, code FROM backfill_item
        WHERE backfill_id = ${backfill} AND id > ${after ?? ""} ORDER BY id LIMIT ${limit}) AS item
      LEFT JOIN study ON study.tenant_id = item.tenant_id AND study.study_uid = item.study_uid
    ), answer AS (
      SELECT page.id, 'prediction' AS outcome, series_id, NULL AS code, model_id,
        model_version, model_sha256, label, probability, result, provider, wait_ms, persist_ms,
        created_at
      FROM page JOIN prediction ON prediction.run_id = page.run
      UNION ALL
      SELECT page.id, 'refusal', refusal.series_id, refusal.code, refusal.model_id,
        coalesce(refusal.model_version, task.model_version), NULL, NULL, NULL, NULL, NULL, NULL,
        NULL, refusal.created_at
      FROM page JOIN refusal ON refusal.run_id = page.run
      LEFT JOIN task ON task.id = refusal.task_id
      UNION ALL
      SELECT page.id, 'failure', task.series_id, task.error_code, task.model_id,
        task.model_version, NULL, NULL, NULL, NULL, NULL, NULL, NULL, task.finished_at
      FROM page JOIN task ON task.run_id = page.run AND task.state = 'dead')
    SELECT page.id AS item, page.study_uid AS study, page.state,
      coalesce(answer.outcome, 'none') AS outcome,
      coalesce(answer.code, CASE WHEN answer.id IS NULL THEN page.code END) AS code,
      page.tags #>> '{00100020,Value,0}' AS "patientId",
      page.tags #>> '{00080050,Value,0}' AS accession,
      page.tags #>> '{00080020,Value,0}' AS "studyDate",
      page.lane, series.series_uid AS series, series.modality,
      series.tags #>> '{00080070,Value,0}' AS manufacturer,
      series.tags #>> '{00081090,Value,0}' AS scanner,
      series.tags #>> '{00080080,Value,0}' AS site,
      answer.model_id AS model, answer.model_version AS version, answer.model_sha256 AS sha256,
      answer.label, answer.result #>> '{distributions,0,display}' AS display, answer.probability,
      answer.result #> '{distributions,0,probabilities}' AS probabilities, answer.provider,
      (answer.result -> 'distributions') - 0 AS further,
      answer.wait_ms AS "waitMs", ${timing("decode")} AS "decodeMs",
      ${timing("batchWait")} AS "batchWaitMs", ${timing("infer")} AS "inferMs",
      ${timing("total")} AS "totalMs", answer.persist_ms AS "persistMs",
      answer.created_at AS "answeredAt"
    FROM page LEFT JOIN answer ON answer.id = page.id
    LEFT JOIN series ON series.id = answer.series_id
    ORDER BY page.id, answer.model_id, answer.model_version, series.series_uid`.execute(db);
  const items = new Set(rows.map(({ item }) => item));
  return { rows, next: items.size < limit ? null : (rows.at(-1)?.item ?? null) };
}

/** Milliseconds of a stage, as the engine says. */
function timing(stage: keyof StageTimings): RawBuilder<number | null> {
  return sql<number | null>`(answer.result #>> ${sql.lit(`{timings,${stage}}`)})::float8`;
}

import { sql } from "kysely";
import type { Database } from "../database.ts";

/** The items that took longest from their start to their end. */
export async function slowestItems(
  db: Database,
  backfill: string,
  limit: number,
): Promise<{ study: string; seconds: number }[]> {
  const { rows } = await sql<{ study: string; seconds: number }>`
    SELECT study_uid AS study, extract(epoch FROM finished_at - started_at)::float8 AS seconds
    FROM backfill_item
    WHERE backfill_id = ${backfill} AND finished_at IS NOT NULL AND started_at IS NOT NULL
    ORDER BY finished_at - started_at DESC LIMIT ${limit}`.execute(db);
  return rows;
}

/** Items that finished after a start in each of the last `minutes`, oldest first. */
export async function finishedByMinute(
  db: Database,
  backfill: string,
  minutes: number,
): Promise<number[]> {
  const { rows } = await sql<{ items: number }>`
    SELECT count(item.id)::integer AS items
    FROM generate_series(1, ${minutes}) AS minute
    LEFT JOIN backfill_item AS item ON item.backfill_id = ${backfill}
      AND item.started_at IS NOT NULL
      AND item.finished_at > now() - make_interval(mins => ${minutes}::integer - minute + 1)
      AND item.finished_at <= now() - make_interval(mins => ${minutes}::integer - minute)
    GROUP BY minute ORDER BY minute`.execute(db);
  return rows.map(({ items }) => items);
}

import type { BackfillItemState } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Items of each state; those without any are missing. */
export async function countItems(
  db: Database,
  backfill: string,
): Promise<Partial<Record<BackfillItemState, number>>> {
  const { rows } = await sql<{ state: BackfillItemState; items: number }>`
    SELECT state, count(*)::integer AS items FROM backfill_item
    WHERE backfill_id = ${backfill} GROUP BY state`.execute(db);
  return Object.fromEntries(rows.map(({ state, items }) => [state, items]));
}

interface ReasonCount {
  readonly state: BackfillItemState;
  readonly code: string;
  readonly items: number;
}

/** The most frequent codes. */
export async function topReasons(
  db: Database,
  backfill: string,
  limit: number,
): Promise<ReasonCount[]> {
  const { rows } = await sql<ReasonCount>`
    SELECT state, code, count(*)::integer AS items FROM backfill_item
    WHERE backfill_id = ${backfill} AND code IS NOT NULL
    GROUP BY state, code ORDER BY items DESC, state, code LIMIT ${limit}`.execute(db);
  return rows;
}

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

/** Items that were started and have ended, and the minutes from the first start to the last end. */
export async function finishedInAll(
  db: Database,
  backfill: string,
): Promise<{ items: number; minutes: number }> {
  const { rows } = await sql<{ items: number; minutes: number }>`
    SELECT count(*)::integer AS items,
      coalesce(extract(epoch FROM max(finished_at) - min(started_at)) / 60, 0)::float8 AS minutes
    FROM backfill_item WHERE backfill_id = ${backfill} AND finished_at IS NOT NULL
      AND started_at IS NOT NULL`.execute(db);
  return rows[0] ?? { items: 0, minutes: 0 };
}

import type { BackfillItemState } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Items of a backfill that are in one state for one reason. */
export interface ItemTally {
  readonly state: BackfillItemState;
  readonly code: string | null;
  readonly items: number;
  /** Of them, those that were started and have ended. */
  readonly ended: number;
  /** When the first was started, and when the last of `ended` ended. */
  readonly firstStarted: Date | null;
  readonly lastFinished: Date | null;
}

/** How many items of a backfill are in which state, without reading the items; the most first. */
export async function readTally(db: Database, backfill: string): Promise<ItemTally[]> {
  const { rows } = await sql<ItemTally>`
    SELECT state, nullif(code, '') AS code, sum(items)::integer AS items,
      sum(ended)::integer AS ended, min(first_started) AS "firstStarted",
      max(last_finished) AS "lastFinished"
    FROM (
      SELECT state, code, items, ended, first_started, last_finished FROM backfill_tally
      WHERE backfill_id = ${backfill}
      UNION ALL
      SELECT state, code, items, ended, first_started, last_finished FROM backfill_tally_change
      WHERE backfill_id = ${backfill}) AS counted
    GROUP BY state, code ORDER BY items DESC, state, code`.execute(db);
  return rows;
}

/** Changes that are folded by one statement. */
const FOLDED_AT_ONCE = 10_000;

/** Folds what triggers counted into the tally of a backfill. */
export async function foldTally(db: Database, backfill: string): Promise<void> {
  await sql`
    WITH gone AS (DELETE FROM backfill_tally_change WHERE id IN
        (SELECT id FROM backfill_tally_change WHERE backfill_id = ${backfill}
         ORDER BY id LIMIT ${FOLDED_AT_ONCE} FOR UPDATE SKIP LOCKED)
      RETURNING state, code, items, ended, first_started, last_finished)
    INSERT INTO backfill_tally AS t
      (backfill_id, state, code, items, ended, first_started, last_finished)
    SELECT ${backfill}, state, code, sum(items), sum(ended), min(first_started), max(last_finished)
    FROM gone GROUP BY state, code ORDER BY state, code
    ON CONFLICT (backfill_id, state, code) DO UPDATE
      SET items = t.items + excluded.items, ended = t.ended + excluded.ended,
        first_started = least(t.first_started, excluded.first_started),
        last_finished = greatest(t.last_finished, excluded.last_finished)`.execute(db);
}

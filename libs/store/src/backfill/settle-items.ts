import { sql } from "kysely";
import type { Database } from "../database.ts";

/**
 * Gives running items of a backfill the end of their studies: done with a prediction, refused
 * without one, failed where a task died. Returns how many ended.
 */
export async function settleItems(db: Database, backfill: string): Promise<number> {
  const { numAffectedRows } = await sql`
    WITH ended AS MATERIALIZED (
      SELECT item.id, study.state, newest.id AS run
      FROM backfill_item AS item
      LEFT JOIN study ON study.tenant_id = item.tenant_id AND study.study_uid = item.study_uid
      LEFT JOIN LATERAL (SELECT id FROM run WHERE run.study_id = study.id
        ORDER BY number DESC LIMIT 1) AS newest ON true
      WHERE item.backfill_id = ${backfill} AND item.state = 'running'
        AND (study.id IS NULL OR (study.plan_reason IS NULL AND study.state IN
          ('complete', 'complete-with-failures', 'failed', 'cancelled', 'held')))
    ), judged AS (
      SELECT id,
        CASE WHEN state IS NULL THEN 'failed' WHEN state = 'held' THEN 'refused'
          WHEN state = 'cancelled' THEN 'skipped'
          WHEN state IN ('failed', 'complete-with-failures') THEN 'failed'
          WHEN EXISTS (SELECT FROM prediction WHERE run_id = run) THEN 'done'
          ELSE 'refused' END AS judged,
        CASE WHEN state IS NULL THEN 'study-missing' WHEN state = 'held' THEN 'identity-conflict'
          WHEN state = 'cancelled' THEN 'cancelled'
          WHEN state IN ('failed', 'complete-with-failures')
            THEN coalesce((SELECT error_code FROM task WHERE run_id = run AND task.state = 'dead'
              ORDER BY task.id LIMIT 1), 'internal')
          WHEN EXISTS (SELECT FROM prediction WHERE run_id = run) THEN NULL
          ELSE coalesce((SELECT refusal.code FROM refusal WHERE run_id = run
            GROUP BY refusal.code ORDER BY count(*) DESC, refusal.code LIMIT 1), 'no-image')
          END AS code
      FROM ended)
    UPDATE backfill_item AS item
    SET state = judged.judged, code = judged.code, finished_at = now()
    FROM judged WHERE item.id = judged.id AND item.state = 'running'`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Ends a backfill whose source is read and whose items all have an end. */
export async function finishBackfill(db: Database, backfill: string): Promise<boolean> {
  const { numAffectedRows } = await sql`
    UPDATE backfill SET state = 'done', finished_at = now()
    WHERE id = ${backfill} AND state = 'running' AND listed AND NOT EXISTS (
      SELECT FROM backfill_item WHERE backfill_id = ${backfill}
        AND backfill_item.state IN ('waiting', 'sent', 'running'))`.execute(db);
  return numAffectedRows === 1n;
}

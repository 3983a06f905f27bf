import type { StudyId } from "@axial/contracts";
import { sql } from "kysely";
import { endedState } from "../answers.ts";
import type { Database } from "../database.ts";
import { notifying } from "../notify.ts";

/** Studies mended in one transaction; the rest follow in the next. */
const BATCH = 100;

/**
 * Moves on studies that have been closed and planned for `seconds` without any unfinished task: a
 * study whose newest run was cancelled is planned again, one whose newest run has ended takes the
 * state that run left it in. Only a bug of ours or a manual change in the database causes this.
 */
export async function mendStranded(db: Database, seconds: number): Promise<StudyId[]> {
  const { rows } = await sql<{ id: StudyId }>`
    WITH stranded AS MATERIALIZED (
      SELECT study.id, newest.state FROM study
      CROSS JOIN LATERAL (SELECT state, completed_at FROM run WHERE run.study_id = study.id
        ORDER BY number DESC LIMIT 1) AS newest
      WHERE study.state = 'closed' AND study.plan_reason IS NULL AND newest.state <> 'active'
        AND newest.completed_at < now() - make_interval(secs => ${seconds})
      ORDER BY study.closed_at LIMIT ${BATCH} FOR UPDATE OF study SKIP LOCKED),
    mended AS (
      UPDATE study SET state_since = now(),
        plan_reason = CASE WHEN stranded.state = 'cancelled' THEN 'rerun' END,
        state = CASE WHEN stranded.state = 'cancelled' THEN study.state
          ELSE ${endedState(sql`study.id`, sql`stranded.state`)} END,
        completed_at = CASE WHEN stranded.state <> 'cancelled' THEN now() END
      FROM stranded WHERE study.id = stranded.id
      RETURNING study.id)
    SELECT id, ${notifying("study-closed", "id")} FROM mended`.execute(db);
  return rows.map((row) => row.id);
}

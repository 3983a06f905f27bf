import type { Lane, RunId, StudyId, TaskId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** A task that was taken back while its job may be on a queue. */
export interface WithdrawnJob {
  readonly task: TaskId;
  readonly attempt: number;
  readonly lane: Lane;
}

/**
 * Cancels the unfinished tasks of a study and the active runs that hold them. Tasks are locked
 * before runs and runs before studies, in the order in which the recorder does it. Returns the
 * jobs that a queue may still hold.
 */
export async function cancelActiveRuns(
  trx: DatabaseTransaction,
  study: StudyId,
): Promise<WithdrawnJob[]> {
  const runs = await trx
    .selectFrom("run")
    .select("id")
    .where("study_id", "=", study)
    .where("state", "=", "active")
    .orderBy("id")
    .execute();
  if (runs.length === 0) return [];
  const ids = runs.map((run) => run.id);
  const jobs = await cancelTasks(trx, ids);
  await sql`
    UPDATE run SET state = 'cancelled', unfinished = 0, completed_at = now()
    WHERE id = ANY(${ids}) AND state = 'active'`.execute(trx);
  return jobs;
}

async function cancelTasks(trx: DatabaseTransaction, runs: RunId[]): Promise<WithdrawnJob[]> {
  const { rows } = await sql<{ id: TaskId; attempt: number; dispatched_lane: Lane | null }>`
    WITH unfinished AS MATERIALIZED (
      SELECT id, state FROM task WHERE run_id = ANY(${runs})
        AND state IN ('pending', 'dispatched', 'running')
      ORDER BY id FOR UPDATE
    )
    UPDATE task SET state = 'cancelled', state_since = now(), finished_at = now()
    FROM unfinished WHERE task.id = unfinished.id
    RETURNING task.id, task.attempt,
      CASE WHEN unfinished.state = 'dispatched' THEN task.dispatched_lane END AS dispatched_lane`.execute(
    trx,
  );
  return rows.flatMap(({ id, attempt, dispatched_lane }) =>
    dispatched_lane === null ? [] : [{ task: id, attempt, lane: dispatched_lane }],
  );
}

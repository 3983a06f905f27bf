import type { Lane, RunId, StudyId, TaskId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** A cancelled task whose job may be on a queue or with a worker. */
export interface WithdrawnJob {
  readonly task: TaskId;
  readonly attempt: number;
  readonly lane: Lane;
}

/**
 * Cancels the unfinished tasks of a study and the active runs that hold them. Tasks are locked
 * before runs and runs before studies, in the order in which the recorder does it. Returns the
 * jobs that a queue or a worker may still hold.
 */
export async function cancelActiveRuns(
  trx: DatabaseTransaction,
  study: StudyId,
): Promise<WithdrawnJob[]> {
  return cancelRuns(trx, await activeRuns(trx, study).execute());
}

/**
 * The same before a new plan. One statement sees either the old runs of a study that waits for
 * the planner, or the new run of one that no longer does: of two planners the slower never cancels
 * what the other has just planned.
 */
export async function cancelRunsBeforePlan(
  trx: DatabaseTransaction,
  study: StudyId,
): Promise<WithdrawnJob[]> {
  const unplanned = activeRuns(trx, study).where("study.plan_reason", "is not", null);
  return cancelRuns(trx, await unplanned.execute());
}

function activeRuns(trx: DatabaseTransaction, study: StudyId) {
  return trx
    .selectFrom("run")
    .innerJoin("study", "study.id", "run.study_id")
    .select("run.id")
    .where("run.study_id", "=", study)
    .where("run.state", "=", "active")
    .orderBy("run.id");
}

async function cancelRuns(
  trx: DatabaseTransaction,
  runs: readonly { readonly id: RunId }[],
): Promise<WithdrawnJob[]> {
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
      SELECT id FROM task WHERE run_id = ANY(${runs})
        AND state IN ('pending', 'dispatched', 'running')
      ORDER BY id FOR UPDATE
    )
    UPDATE task SET state = 'cancelled', state_since = now(), finished_at = now()
    FROM unfinished WHERE task.id = unfinished.id
    RETURNING task.id, task.attempt, task.dispatched_lane`.execute(trx);
  return rows.flatMap(({ id, attempt, dispatched_lane }) =>
    dispatched_lane === null ? [] : [{ task: id, attempt, lane: dispatched_lane }],
  );
}

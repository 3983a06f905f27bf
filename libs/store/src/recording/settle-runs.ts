import type { RunId, StudyId, TaskState } from "@axial/contracts";
import { sql } from "kysely";
import { endedState } from "../answers.ts";
import type { DatabaseTransaction } from "../database.ts";
import type { LockedTask } from "./locked-task.ts";

/**
 * Counts finished tasks off their runs, ends runs with nothing unfinished, and studies whose newest
 * run has ended. A study that is receiving again, or waits for the planner, is left alone: its next
 * run decides.
 */
export async function settleRuns(
  trx: DatabaseTransaction,
  outcomes: readonly { task: LockedTask; finished: boolean }[],
): Promise<void> {
  const finished = new Map<RunId, number>();
  for (const outcome of outcomes) {
    const run = outcome.task.run_id;
    if (outcome.finished) finished.set(run, (finished.get(run) ?? 0) + 1);
  }
  const ended = await endRuns(trx, await countOff(trx, finished));
  await endStudies(trx, studiesOf(ended, outcomes));
}

async function countOff(
  trx: DatabaseTransaction,
  finished: ReadonlyMap<RunId, number>,
): Promise<RunId[]> {
  if (finished.size === 0) return [];
  const counts = JSON.stringify([...finished].map(([id, tasks]) => ({ id, tasks })));
  // For a single run the update itself takes the lock.
  if (finished.size > 1) await lockInOrder(trx, "run", [...finished.keys()]);
  const { rows } = await sql<{ id: RunId; unfinished: number }>`
    UPDATE run SET unfinished = run.unfinished - count.tasks
    FROM jsonb_to_recordset(${counts}::jsonb) AS count(id text, tasks integer)
    WHERE run.id = count.id
    RETURNING run.id, run.unfinished`.execute(trx);
  return rows.filter((row) => row.unfinished === 0).map((row) => row.id);
}

/**
 * Ends active runs that are locked: a statement of its own, whose snapshot holds what another
 * recorder committed of their tasks while we waited for the lock.
 */
async function endRuns(trx: DatabaseTransaction, ids: RunId[]): Promise<RunId[]> {
  if (ids.length === 0) return [];
  const has = (states: readonly TaskState[]) => sql<boolean>`EXISTS (SELECT FROM task
    WHERE task.run_id = run.id AND task.state = ANY(${[...states]}))`;
  const { rows } = await sql<{ id: RunId }>`
    UPDATE run SET completed_at = now(), state = CASE
      WHEN NOT ${has(["dead"])} THEN 'complete'
      WHEN ${has(["done", "refused"])} THEN 'complete-with-failures'
      ELSE 'failed' END
    WHERE id = ANY(${ids}) AND state = 'active'
    RETURNING id`.execute(trx);
  return rows.map((row) => row.id);
}

/**
 * The studies are locked by a statement of their own, so that the update's snapshot already
 * holds the run that a planner committed while we waited.
 */
async function endStudies(trx: DatabaseTransaction, ids: StudyId[]): Promise<void> {
  if (ids.length === 0) return;
  await lockInOrder(trx, "study", ids);
  await sql`
    UPDATE study SET completed_at = now(), state_since = now(),
      state = ${endedState(sql`study.id`, sql`newest.state`)}
    FROM run AS newest
    WHERE study.id = ANY(${ids}) AND study.state = 'closed'
      AND newest.study_id = study.id
      AND newest.state IN ('complete', 'complete-with-failures', 'failed')
      AND study.plan_reason IS NULL
      AND newest.number = (SELECT max(number) FROM run WHERE run.study_id = study.id)`.execute(trx);
}

function studiesOf(
  runs: readonly RunId[],
  outcomes: readonly { task: Pick<LockedTask, "run_id" | "study_id"> }[],
): StudyId[] {
  const wanted = new Set(runs);
  const studies = outcomes.flatMap(({ task }) => (wanted.has(task.run_id) ? [task.study_id] : []));
  return [...new Set(studies)];
}

async function lockInOrder(
  trx: DatabaseTransaction,
  table: "run" | "study",
  ids: readonly string[],
): Promise<void> {
  const rows = sql.table(table);
  await sql`SELECT id FROM ${rows} WHERE id = ANY(${ids}) ORDER BY id FOR UPDATE`.execute(trx);
}

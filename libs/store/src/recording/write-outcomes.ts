import type { StudyId, TaskId, TaskState } from "@axial/contracts";
import { type Insertable, sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { notifying } from "../notify.ts";
import type { PredictionTable, RefusalTable } from "../schema.ts";
import { settleRuns } from "./settle-runs.ts";
import type { TaskOutcome } from "./task-outcome.ts";

const NEXT_STATE = {
  done: "done",
  refused: "refused",
  retry: "pending",
  dead: "dead",
} as const satisfies Record<TaskOutcome["kind"], TaskState>;

/**
 * Writes predictions, refusals and task states of locked tasks, then completes the runs and
 * studies with nothing unfinished left, all in the caller's transaction. Watchers of the studies
 * are notified when it commits. Throws when a task has changed since it was read, which only a
 * caller without locks can cause.
 */
export async function writeOutcomes(
  trx: DatabaseTransaction,
  outcomes: readonly TaskOutcome[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await insertRefusals(trx, outcomes);
  await writeTasks(trx, outcomes);
  await settleRuns(
    trx,
    outcomes.map((outcome) => ({ task: outcome.task, finished: outcome.kind !== "retry" })),
  );
}

async function insertRefusals(trx: DatabaseTransaction, outcomes: readonly TaskOutcome[]) {
  const rows: Insertable<RefusalTable>[] = outcomes.flatMap((outcome) =>
    outcome.kind === "refused" ? [outcome.refusal] : [],
  );
  if (rows.length > 0) await trx.insertInto("refusal").values(rows).execute();
}

interface TaskChange {
  readonly id: TaskId;
  readonly attempt: number;
  readonly state: TaskState;
  readonly failures: number;
  readonly isolate: boolean;
  readonly not_before: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly history: readonly object[];
}

function taskChange(outcome: TaskOutcome): TaskChange {
  const { task } = outcome;
  const mark = "mark" in outcome ? outcome.mark : null;
  return {
    id: task.id,
    attempt: task.attempt,
    state: NEXT_STATE[outcome.kind],
    failures: mark?.failures ?? task.failures,
    isolate: mark?.isolate ?? task.isolate,
    not_before: outcome.kind === "retry" ? outcome.notBefore.toISOString() : null,
    error_code: mark?.code ?? (outcome.kind === "refused" ? outcome.refusal.code : null),
    error_detail: mark?.detail ?? null,
    history: mark?.history ?? task.history,
  };
}

/** States and predictions in one statement: most batches are a single result. */
async function writeTasks(
  trx: DatabaseTransaction,
  outcomes: readonly TaskOutcome[],
): Promise<void> {
  const changes = JSON.stringify(outcomes.map(taskChange));
  const { rows } = await sql<{ study: StudyId; tasks: number }>`
    WITH ${recordedPredictions(trx, outcomes)} changed AS (
      UPDATE task SET
        state = change.state,
        failures = change.failures,
        isolate = change.isolate,
        not_before = coalesce(change.not_before, task.not_before),
        error_code = change.error_code,
        error_detail = change.error_detail,
        history = change.history,
        state_since = now(),
        finished_at = CASE WHEN change.state = 'pending' THEN NULL ELSE now() END
      FROM jsonb_to_recordset(${changes}::jsonb) AS change(
        id text, attempt integer, state text, failures integer, isolate boolean,
        not_before timestamptz, error_code text, error_detail text, history jsonb)
      WHERE task.id = change.id AND task.attempt = change.attempt
        AND task.state IN ('dispatched', 'running')
      RETURNING task.study_id)
    SELECT study_id AS study, count(*)::integer AS tasks, ${notifying("study-changed", "study_id")}
    FROM changed GROUP BY study_id`.execute(trx);
  const changed = rows.reduce((sum, { tasks }) => sum + tasks, 0);
  if (changed !== outcomes.length) throw new Error("a task changed under its lock");
}

function recordedPredictions(trx: DatabaseTransaction, outcomes: readonly TaskOutcome[]) {
  const rows: Insertable<PredictionTable>[] = outcomes.flatMap((outcome) =>
    outcome.kind === "done" ? [outcome.prediction] : [],
  );
  return rows.length === 0
    ? sql``
    : sql`recorded AS (${trx.insertInto("prediction").values(rows)}),`;
}

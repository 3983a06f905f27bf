import { newId, type RunId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../json-parameter.ts";
import { notify } from "../notify.ts";
import type { PlannableImages, PlannableStudy, StudyPlan } from "./study-plan.ts";

/** A study and its plan. */
interface Planned {
  readonly study: Omit<PlannableStudy, keyof PlannableImages>;
  readonly plan: StudyPlan;
}

interface NewRun extends Planned {
  readonly id: RunId;
  /** A run without tasks is complete at once, and so is its study: a refusal is an answer. */
  readonly finished: boolean;
}

/** Writes a run for each study, with tasks and refusals, and takes the studies off the list. */
export async function writeRuns(
  trx: DatabaseTransaction,
  planned: readonly Planned[],
): Promise<void> {
  const runs = planned.map(
    ({ study, plan }): NewRun => ({
      id: newId<RunId>(),
      study,
      plan,
      finished: plan.tasks.length === 0,
    }),
  );
  await insertRuns(trx, runs);
  await insertTasks(trx, runs);
  await insertRefusals(trx, runs);
  await updateStudies(trx, runs);
  await notifyOf(trx, runs);
}

async function insertRuns(trx: DatabaseTransaction, runs: readonly NewRun[]): Promise<void> {
  const rows = runs.map(({ id, study, plan, finished }) => ({
    id,
    study_id: study.id,
    reason: study.reason,
    tasks: plan.tasks.length,
    finished,
    trace_parent: plan.traceParent ?? null,
  }));
  // The clock, not the transaction's start: a study closed again while we waited for its lock
  // must not look newer than the run that covers it.
  await sql`
    INSERT INTO run (id, study_id, number, reason, state, unfinished, created_at, completed_at,
      trace_parent)
    SELECT r.id, r.study_id, 1 + coalesce((SELECT max(number) FROM run AS earlier
        WHERE earlier.study_id = r.study_id), 0), r.reason,
      CASE WHEN r.finished THEN 'complete' ELSE 'active' END, r.tasks, clock_timestamp(),
      CASE WHEN r.finished THEN clock_timestamp() END, r.trace_parent
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS r(id text, study_id text,
      reason text, tasks integer, finished boolean, trace_parent text)`.execute(trx);
}

async function insertTasks(trx: DatabaseTransaction, runs: readonly NewRun[]): Promise<void> {
  const rows = runs.flatMap(({ id: run_id, study, plan }) =>
    plan.tasks.map((task) => ({
      id: task.id,
      run_id,
      study_id: study.id,
      series_id: task.series,
      tenant_id: study.tenant,
      lane: study.lane,
      model_id: task.model.id,
      model_version: task.model.version,
      arm: task.arm ?? null,
      part: task.part ?? 0,
      manifest: task.input,
      slices: task.slices,
      trace_parent: plan.traceParent ?? null,
    })),
  );
  if (rows.length === 0) return;
  await sql`
    INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version,
      arm, part, manifest, slices, trace_parent, state)
    SELECT id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version, arm, part,
      manifest, slices, trace_parent, 'pending'
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS t(id text, run_id text,
      study_id text, series_id text, tenant_id text, lane text, model_id text, model_version text,
      arm text, part integer, manifest text, slices integer, trace_parent text)`.execute(trx);
}

async function insertRefusals(trx: DatabaseTransaction, runs: readonly NewRun[]): Promise<void> {
  const rows = runs.flatMap(({ id: run_id, study, plan }) =>
    plan.refusals.map((refusal) => ({
      id: newId(),
      run_id,
      study_id: study.id,
      series_id: refusal.series,
      model_id: refusal.model,
      model_version: refusal.version ?? null,
      arm: refusal.arm ?? null,
      code: refusal.code,
      facts: refusal.facts,
    })),
  );
  if (rows.length === 0) return;
  await sql`
    INSERT INTO refusal (id, run_id, study_id, series_id, model_id, model_version, arm, code,
      facts)
    SELECT id, run_id, study_id, series_id, model_id, model_version, arm, code, facts
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS r(id text, run_id text,
      study_id text, series_id text, model_id text, model_version text, arm text,
      code text, facts jsonb)`.execute(trx);
}

async function updateStudies(trx: DatabaseTransaction, runs: readonly NewRun[]): Promise<void> {
  const ids = runs.map(({ study }) => study.id);
  const finished = runs.map((run) => run.finished);
  await sql`
    UPDATE study SET plan_reason = NULL, state_since = now(),
      state = CASE WHEN r.finished AND state = 'closed' THEN 'complete' ELSE state END,
      completed_at = CASE WHEN r.finished AND state = 'closed' THEN now() END
    FROM unnest(${ids}::text[], ${finished}::boolean[]) AS r(study, finished)
    WHERE study.id = r.study`.execute(trx);
}

/** Notifies the dispatcher of work, and the watchers of each study that has none. */
async function notifyOf(trx: DatabaseTransaction, runs: readonly NewRun[]): Promise<void> {
  const ended = runs.filter(({ finished }) => finished);
  await notify(
    trx,
    ...(ended.length < runs.length ? [{ event: "tasks-pending" } as const] : []),
    ...ended.map(({ study }) => ({ event: "study-changed", payload: study.id }) as const),
  );
}

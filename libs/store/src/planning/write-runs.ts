import { newId, type RunId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import { jsonParameter } from "../ingest/json-parameter.ts";
import type { PlannableStudy, StudyPlan } from "./plan-study.ts";

/**
 * Writes a run with its tasks and refusals and takes the study off the planner's list. A run
 * without tasks is complete at once, and so is its study: a refusal is an answer.
 */
export async function writeRun(
  trx: DatabaseTransaction,
  study: Omit<PlannableStudy, "instances">,
  plan: StudyPlan,
): Promise<void> {
  const run = newId<RunId>();
  const finished = plan.tasks.length === 0;
  // The clock, not the transaction's start: a study closed again while we waited for its lock
  // must not look newer than the run that covers it.
  await sql`
    INSERT INTO run (id, study_id, number, reason, state, unfinished, created_at, completed_at)
    SELECT ${run}, ${study.id}, coalesce(max(number), 0) + 1, ${study.reason},
      ${finished ? "complete" : "active"}, ${plan.tasks.length}::integer, clock_timestamp(),
      CASE WHEN ${finished}::boolean THEN clock_timestamp() END
    FROM run WHERE study_id = ${study.id}`.execute(trx);
  await insertTasks(trx, run, { study, plan });
  await insertRefusals(trx, run, { study, plan });
  await sql`
    UPDATE study SET plan_reason = NULL, state_since = now(),
      state = CASE WHEN ${finished}::boolean AND state = 'closed' THEN 'complete' ELSE state END,
      completed_at = CASE WHEN ${finished}::boolean AND state = 'closed' THEN now() END
    WHERE id = ${study.id}`.execute(trx);
  if (finished) await sql`SELECT pg_notify('axial_result', ${study.id})`.execute(trx);
  else await sql`SELECT pg_notify('axial_pending', ${study.lane})`.execute(trx);
}

interface Planned {
  readonly study: Omit<PlannableStudy, "instances">;
  readonly plan: StudyPlan;
}

async function insertTasks(trx: DatabaseTransaction, run: RunId, { study, plan }: Planned) {
  if (plan.tasks.length === 0) return;
  const rows = plan.tasks.map((task) => ({
    id: task.id,
    series_id: task.series,
    model_id: task.model.id,
    model_version: task.model.version,
    manifest: task.manifest,
    slices: task.slices,
  }));
  await sql`
    INSERT INTO task (id, run_id, study_id, series_id, tenant_id, lane, model_id, model_version,
      manifest, slices, state)
    SELECT id, ${run}, ${study.id}, series_id, ${study.tenant}, ${study.lane}, model_id,
      model_version, manifest, slices, 'pending'
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS t(id text, series_id text,
      model_id text, model_version text, manifest text, slices integer)`.execute(trx);
}

async function insertRefusals(trx: DatabaseTransaction, run: RunId, { study, plan }: Planned) {
  if (plan.refusals.length === 0) return;
  const rows = plan.refusals.map((refusal) => ({
    id: newId(),
    series_id: refusal.series,
    model_id: refusal.model,
    code: refusal.code,
    facts: refusal.facts,
  }));
  await sql`
    INSERT INTO refusal (id, run_id, study_id, series_id, model_id, code, facts)
    SELECT id, ${run}, ${study.id}, series_id, model_id, code, facts
    FROM jsonb_to_recordset(${jsonParameter(rows)}::jsonb) AS r(id text, series_id text,
      model_id text, code text, facts jsonb)`.execute(trx);
}

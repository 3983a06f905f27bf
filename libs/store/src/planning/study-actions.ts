import type { StudyId, StudyState, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import { answeredState } from "../answers.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import { closeWhere } from "../ingest/close-studies.ts";
import { notify } from "../notify.ts";
import { cancelActiveRuns, cancelRunsBeforePlan, type WithdrawnJob } from "./cancel-runs.ts";

/** The tenant's study of that Study Instance UID, or null. */
export async function findStudy(
  db: Database | DatabaseTransaction,
  tenant: TenantId,
  studyUid: string,
): Promise<StudyId | null> {
  const row = await db
    .selectFrom("study")
    .select("id")
    .where("tenant_id", "=", tenant)
    .where("study_uid", "=", studyUid)
    .executeTakeFirst();
  return row?.id ?? null;
}

/** Cancels the unfinished work of a study that waits for the planner: a new run supersedes it. */
export function supersedeRuns(db: Database, study: StudyId): Promise<WithdrawnJob[]> {
  return db.transaction().execute((trx) => cancelRunsBeforePlan(trx, study));
}

/** Closes the study for planning if it was still open. */
export async function closeStudy(trx: DatabaseTransaction, study: StudyId): Promise<void> {
  await closeWhere(trx, sql<boolean>`study.id = ${study}`, "explicit");
}

/**
 * Cancels a study with all its unfinished work; results are kept. A study with an answer from an
 * earlier run returns to the state of that run: only the rerun is given up.
 */
export async function cancelStudy(
  trx: DatabaseTransaction,
  study: StudyId,
): Promise<WithdrawnJob[]> {
  const jobs = await cancelActiveRuns(trx, study);
  await sql`
    UPDATE study SET state = coalesce(${answeredState(sql`study.id`)}, 'cancelled'),
      plan_reason = NULL, completed_at = now(), state_since = now()
    WHERE id = ${study} AND state <> 'cancelled'`.execute(trx);
  await notify(trx, { event: "study-changed", payload: study });
  return jobs;
}

interface RerunOptions {
  /** Models to run, by id; null keeps the sender's request. */
  readonly models: readonly string[] | null;
  /** `traceparent` of the request. */
  readonly traceParent?: string | null;
}

/**
 * Schedules a new plan over what the study holds now, and closes it if it was open. Returns false
 * when retention has removed its images.
 */
export async function rerunStudy(
  trx: DatabaseTransaction,
  study: StudyId,
  { models, traceParent = null }: RerunOptions,
): Promise<boolean> {
  await sql`SELECT FROM study WHERE id = ${study} FOR UPDATE`.execute(trx);
  const { numAffectedRows } = await sql`
    UPDATE study SET state = 'closed', closed_at = now(), completed_at = NULL,
      state_since = now(), plan_reason = 'rerun', close_reason = coalesce(close_reason, 'explicit'),
      requested_models = coalesce(${models === null ? null : [...models]}::text[], requested_models),
      trace_parent = ${traceParent}
    WHERE id = ${study} AND EXISTS (SELECT FROM instance
        WHERE study_id = ${study} AND own_run_id IS NULL)
      AND NOT EXISTS (SELECT FROM study_identity
        WHERE study_id = ${study} AND resolved_at IS NULL)`.execute(trx);
  if (numAffectedRows !== 1n) return false;
  await notify(trx, { event: "study-closed", payload: study });
  return true;
}

/** State of a study, and whether it waits for the planner. */
export async function readStudyState(
  db: Database | DatabaseTransaction,
  study: StudyId,
): Promise<{ state: StudyState; planned: boolean } | null> {
  const row = await db
    .selectFrom("study")
    .select(["state", "plan_reason"])
    .where("id", "=", study)
    .executeTakeFirst();
  return row === undefined ? null : { state: row.state, planned: row.plan_reason === null };
}

import type {
  BlobKey,
  InstanceFacts,
  Lane,
  RefusalFacts,
  SeriesId,
  StudyId,
  TaskId,
  TenantId,
} from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { RunReason } from "../schema.ts";
import { writeRun } from "./write-run.ts";

/** An instance as the planner sees it. */
export interface PlannableInstance {
  readonly series: SeriesId;
  readonly blob: BlobKey;
  readonly kind: "dicom" | "image";
  readonly facts: InstanceFacts;
}

/** A closed study with everything that came of it. */
export interface PlannableStudy {
  readonly id: StudyId;
  readonly tenant: TenantId;
  readonly lane: Lane;
  readonly reason: RunReason;
  readonly requestedModels: readonly string[] | null;
  readonly instances: readonly PlannableInstance[];
}

export interface PlannedTask {
  readonly id: TaskId;
  readonly series: SeriesId;
  readonly model: { readonly id: string; readonly version: string };
  readonly manifest: BlobKey;
  readonly slices: number;
}

export interface PlannedRefusal {
  readonly series: SeriesId | null;
  readonly model: string | null;
  readonly code: string;
  readonly facts: RefusalFacts;
}

/** What the planner decided: for each series and model a task or a refusal. */
export interface StudyPlan {
  readonly tasks: readonly PlannedTask[];
  readonly refusals: readonly PlannedRefusal[];
}

export interface UnplannedQuery {
  readonly lane: Lane;
  readonly limit: number;
  /** Studies that are left alone for now. */
  readonly except: readonly StudyId[];
}

/** A study that waits for the planner, and why; a study that is `closed` has had no run yet. */
export interface UnplannedStudy {
  readonly id: StudyId;
  readonly reason: RunReason;
}

/** Studies of a lane that wait for the planner, by how long they wait. */
export async function findUnplanned(
  db: Database,
  { lane, limit, except }: UnplannedQuery,
): Promise<UnplannedStudy[]> {
  const { rows } = await sql<UnplannedStudy>`
    SELECT id, plan_reason AS reason FROM study
    WHERE lane = ${lane} AND plan_reason IS NOT NULL AND id <> ALL(${[...except]}::text[])
    ORDER BY closed_at LIMIT ${limit}`.execute(db);
  return rows;
}

/**
 * Plans one study: reads it under its lock, lets `decide` choose, and writes run, tasks and
 * refusals with it. False when another planner has it, or when it is not to be planned any more,
 * or for another reason.
 */
export function planStudy(
  db: Database,
  { id, reason }: UnplannedStudy,
  decide: (study: PlannableStudy) => Promise<StudyPlan>,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const study = await lockUnplanned(trx, id, reason);
    if (study === null) return false;
    const instances = await readInstances(trx, id);
    await writeRun(trx, study, await decide({ ...study, instances }));
    return true;
  });
}

async function lockUnplanned(
  trx: DatabaseTransaction,
  id: StudyId,
  reason: RunReason,
): Promise<Omit<PlannableStudy, "instances"> | null> {
  const row = await trx
    .selectFrom("study")
    .select(["id", "tenant_id", "lane", "requested_models"])
    .where("id", "=", id)
    .where("plan_reason", "=", reason)
    .forUpdate()
    .skipLocked()
    .executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    tenant: row.tenant_id,
    lane: row.lane,
    reason,
    requestedModels: row.requested_models,
  };
}

async function readInstances(trx: DatabaseTransaction, study: StudyId) {
  const rows = await trx
    .selectFrom("instance")
    .select(["series_id", "blob", "kind", "facts"])
    .where("study_id", "=", study)
    .orderBy("series_id")
    .orderBy("id")
    .execute();
  return rows.map(({ series_id, blob, kind, facts }) => ({ series: series_id, blob, kind, facts }));
}

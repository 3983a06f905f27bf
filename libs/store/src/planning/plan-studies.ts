import type { Lane, StudyId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { RunReason } from "../schema.ts";
import { readPlannable } from "./read-plannable.ts";
import type { PlannableImages, PlannableStudy, StudyPlan } from "./study-plan.ts";
import { writeRuns } from "./write-runs.ts";

interface UnplannedQuery {
  readonly lane: Lane;
  readonly limit: number;
  /** Studies to skip for now. */
  readonly except: readonly StudyId[];
}

/** A study that waits for the planner, and why; a study that is `closed` has had no run yet. */
export interface UnplannedStudy {
  readonly id: StudyId;
  readonly reason: RunReason;
}

/** Studies of a lane that wait for the planner, longest wait first, each with its size. */
export async function findUnplanned(
  db: Database,
  { lane, limit, except }: UnplannedQuery,
): Promise<(UnplannedStudy & { readonly instances: number })[]> {
  const { rows } = await sql<UnplannedStudy & { instances: number }>`
    SELECT id, plan_reason AS reason, instance_count AS instances FROM study
    WHERE lane = ${lane} AND plan_reason IS NOT NULL AND id <> ALL(${[...except]}::text[])
    ORDER BY closed_at LIMIT ${limit}`.execute(db);
  return rows;
}

/**
 * Plans studies in one transaction: reads them under their locks, calls `decide` for a plan each,
 * in order, and writes runs, tasks and refusals. Returns the studies that were planned; skips those
 * that another planner has locked, and those that no longer wait, or wait for another reason.
 */
export function planStudies(
  db: Database,
  unplanned: readonly UnplannedStudy[],
  decide: (studies: readonly PlannableStudy[]) => Promise<readonly StudyPlan[]>,
): Promise<StudyId[]> {
  return db.transaction().execute(async (trx) => {
    const locked = await lockUnplanned(trx, unplanned);
    if (locked.length === 0) return [];
    const ids = locked.map(({ id }) => id);
    const images = await readPlannable(trx, ids);
    const studies = locked.map((study) => ({ ...study, ...(images.get(study.id) ?? NO_IMAGES) }));
    const plans = await decide(studies);
    if (plans.length !== studies.length) throw new RangeError("a plan for each study");
    await writeRuns(
      trx,
      plans.flatMap((plan, index) => {
        const study = studies[index];
        return study === undefined ? [] : [{ study, plan }];
      }),
    );
    return ids;
  });
}

type Locked = Omit<PlannableStudy, keyof PlannableImages>;
const NO_IMAGES: PlannableImages = { instances: [], leftOut: [], slices: 0 };

async function lockUnplanned(
  trx: DatabaseTransaction,
  unplanned: readonly UnplannedStudy[],
): Promise<Locked[]> {
  const { rows } = await sql<Locked>`
    SELECT id, tenant_id AS tenant, study_uid AS uid, lane, plan_reason AS reason,
      requested_models AS "requestedModels", trace_parent AS "traceParent"
    FROM study JOIN unnest(${unplanned.map(({ id }) => id)}::text[],
      ${unplanned.map(({ reason }) => reason)}::text[]) AS wanted(study, reason)
      ON id = wanted.study AND plan_reason = wanted.reason
    ORDER BY closed_at FOR UPDATE OF study SKIP LOCKED`.execute(trx);
  return rows;
}

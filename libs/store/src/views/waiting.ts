import type { Lane, RunId, StudyState, TaskId, TaskState, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** The count of tasks ahead stops here: beyond this the exact place does not matter. */
export const MAX_POSITION = 10_000;
/** The rate of progress is measured over this long. */
export const RATE_WINDOW_SECONDS = 300;

export interface WaitingTask {
  readonly id: TaskId;
  readonly model: string;
  readonly state: TaskState;
  readonly attempt: number;
  readonly not_before: Date;
  readonly error_code: string | null;
  readonly error_at: string | null;
}

/** What a study waits for. */
export interface WaitingRecord {
  readonly state: StudyState;
  readonly lane: Lane;
  readonly instances: number;
  readonly expected: number | null;
  readonly last_instance_at: Date;
  readonly to_be_planned: boolean;
  readonly lane_paused: boolean;
  readonly tenant: {
    readonly paused: boolean;
    readonly quiet_period_seconds: number;
    readonly max_concurrent_tasks: number | null;
    readonly max_tasks_per_minute: number | null;
    readonly in_flight: number;
  };
  /** Unfinished tasks of the newest run, in dispatch order. */
  readonly tasks: readonly WaitingTask[];
  /** Tasks of the same and higher lanes before the first that waits, at most MAX_POSITION. */
  readonly ahead: number;
  readonly finished_lately: number;
}

export async function readWaiting(
  db: Database,
  tenant: TenantId,
  studyUid: string,
): Promise<WaitingRecord | null> {
  const study = await db
    .selectFrom("study")
    .innerJoin("tenant", "tenant.id", "study.tenant_id")
    .select(["study.id", "study.state", "study.lane", "study.instance_count"])
    .select(["study.expected_instances", "study.last_instance_at", "study.plan_reason"])
    .select(["tenant.paused", "tenant.quiet_period_seconds"])
    .select(["tenant.max_concurrent_tasks", "tenant.max_tasks_per_minute"])
    .select(
      sql<boolean>`EXISTS (SELECT FROM paused_lane WHERE lane = study.lane)`.as("lane_paused"),
    )
    .select((select) =>
      select
        .selectFrom("run")
        .select("run.id")
        .whereRef("run.study_id", "=", "study.id")
        .orderBy("run.number", "desc")
        .limit(1)
        .as("run_id"),
    )
    .where("study.tenant_id", "=", tenant)
    .where("study.study_uid", "=", studyUid)
    .executeTakeFirst();
  if (study === undefined) return null;
  const tasks = study.run_id === null ? [] : await unfinishedTasks(db, study.run_id);
  const first = tasks.find((task) => task.state === "pending");
  const [inFlight, finishedLately, ahead] = await Promise.all([
    countInFlight(db, tenant),
    countFinishedLately(db),
    first === undefined ? 0 : countAhead(db, study.lane, first),
  ]);
  return {
    state: study.state,
    lane: study.lane,
    instances: study.instance_count,
    expected: study.expected_instances,
    last_instance_at: study.last_instance_at,
    to_be_planned: study.plan_reason !== null,
    lane_paused: study.lane_paused,
    tenant: { ...study, in_flight: inFlight },
    tasks,
    ahead,
    finished_lately: finishedLately,
  };
}

function unfinishedTasks(db: Database, run: RunId): Promise<WaitingTask[]> {
  return db
    .selectFrom("task")
    .select(["id", "model_id as model", "state", "attempt", "not_before", "error_code"])
    .select(sql<string | null>`history #>> '{-1,at}'`.as("error_at"))
    .where("run_id", "=", run)
    .where("state", "in", ["pending", "dispatched", "running"])
    .orderBy("not_before")
    .orderBy("id")
    .execute();
}

async function countInFlight(db: Database, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ tasks: number }>`
    SELECT count(*)::integer AS tasks FROM task
    WHERE tenant_id = ${tenant} AND state IN ('dispatched', 'running')`.execute(db);
  return rows[0]?.tasks ?? 0;
}

async function countFinishedLately(db: Database): Promise<number> {
  const { rows } = await sql<{ tasks: number }>`
    SELECT count(*)::integer AS tasks FROM prediction
    WHERE created_at > now() - make_interval(secs => ${RATE_WINDOW_SECONDS})`.execute(db);
  return rows[0]?.tasks ?? 0;
}

/** Lanes sort by name in the reverse of their order: stat, routine, backfill. */
async function countAhead(db: Database, lane: Lane, first: WaitingTask): Promise<number> {
  const { rows } = await sql<{ tasks: number }>`
    SELECT count(*)::integer AS tasks FROM (
      SELECT 1 FROM task WHERE state = 'pending' AND (lane > ${lane}
        OR (lane = ${lane} AND (not_before, id) < (${first.not_before}, ${first.id})))
      LIMIT ${MAX_POSITION}) AS ahead`.execute(db);
  return rows[0]?.tasks ?? 0;
}

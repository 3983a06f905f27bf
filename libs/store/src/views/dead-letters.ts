import type { TaskId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/** Which dead tasks; all of a tenant's by default. */
export interface DeadFilter {
  readonly tenant: TenantId;
  readonly task?: TaskId;
  readonly model?: string;
  readonly code?: string;
  readonly study?: string;
  readonly from?: Date;
  readonly to?: Date;
}

/** The count stops here: dead tasks that await an operator are few. */
const MAX_COUNTED = 100_000;

function deadTasks(db: Database | DatabaseTransaction, filter: DeadFilter) {
  let query = db
    .selectFrom("task")
    .innerJoin("study", "study.id", "task.study_id")
    .innerJoin("series", "series.id", "task.series_id")
    .innerJoin("run", "run.id", "task.run_id")
    .where("task.state", "=", "dead")
    .where("task.tenant_id", "=", filter.tenant);
  if (filter.task !== undefined) query = query.where("task.id", "=", filter.task);
  if (filter.model !== undefined) query = query.where("task.model_id", "=", filter.model);
  if (filter.code !== undefined) query = query.where("task.error_code", "=", filter.code);
  if (filter.study !== undefined) query = query.where("study.study_uid", "=", filter.study);
  if (filter.from !== undefined) query = query.where("task.finished_at", ">=", filter.from);
  if (filter.to !== undefined) query = query.where("task.finished_at", "<", filter.to);
  return query;
}

interface DeadPage {
  /** The last task of the page before. */
  readonly after?: TaskId;
  readonly limit: number;
}

/** Dead tasks with their history, newest task first. */
export function listDead(db: Database, filter: DeadFilter, page: DeadPage) {
  let query = deadTasks(db, filter)
    .select(["task.id", "study.study_uid", "series.series_uid", "task.model_id"])
    .select(["task.model_version", "task.lane", "task.attempt", "task.failures"])
    .select([
      "task.manifest as input",
      "task.error_code",
      "task.error_detail",
      "task.history",
      "task.finished_at",
    ])
    .select(["run.number as run"])
    .select((of) => [
      of
        .selectFrom("instance")
        .select((one) => one.fn.countAll<string>().as("count"))
        .whereRef("instance.series_id", "=", "task.series_id")
        .as("instances"),
      of
        .selectFrom("instance")
        .select("sop_instance_uid")
        .whereRef("instance.series_id", "=", "task.series_id")
        .orderBy("instance.id")
        .limit(1)
        .as("instance"),
    ])
    .orderBy("task.id", "desc")
    .limit(page.limit);
  if (page.after !== undefined) query = query.where("task.id", "<", page.after);
  return query.execute();
}
export type DeadRow = Awaited<ReturnType<typeof listDead>>[number];

export async function countDead(db: Database, filter: DeadFilter): Promise<number> {
  return countRows(db, deadTasks(db, filter).select("task.id").limit(MAX_COUNTED));
}

async function countRows(db: Database, rows: ReturnType<typeof replayable>): Promise<number> {
  const row = await db
    .selectFrom(rows.as("counted"))
    .select(sql<number>`count(*)::integer`.as("tasks"))
    .executeTakeFirstOrThrow();
  return row.tasks;
}

export interface DeadCode {
  readonly code: string;
  readonly tasks: number;
  readonly studies: number;
  /** When the first and the last of them died. */
  readonly first: Date | null;
  readonly last: Date | null;
}

/** Dead tasks by what ended them, the most frequent first. */
export function groupDead(db: Database, filter: DeadFilter): Promise<DeadCode[]> {
  return deadTasks(db, filter)
    .select([
      sql<string>`coalesce(task.error_code, 'unknown')`.as("code"),
      sql<number>`count(*)::integer`.as("tasks"),
      sql<number>`count(DISTINCT task.study_id)::integer`.as("studies"),
      sql<Date | null>`min(task.finished_at)`.as("first"),
      sql<Date | null>`max(task.finished_at)`.as("last"),
    ])
    .groupBy(sql`1`)
    .orderBy("tasks", "desc")
    .orderBy("code")
    .execute();
}

const RUN_IS_NEWEST = sql<boolean>`run.number = (SELECT max(number) FROM run AS newest
  WHERE newest.study_id = run.study_id)`;

/** Dead tasks that may run again: a superseded run's and a cancelled study's may not. */
function replayable(db: Database | DatabaseTransaction, filter: DeadFilter, limit: number) {
  return deadTasks(db, filter)
    .select("task.id")
    .where("study.state", "<>", "cancelled")
    .where(RUN_IS_NEWEST)
    .orderBy("task.id")
    .limit(limit);
}

/** The oldest tasks of a filter that may run again, locked. */
export function lockReplayable(
  trx: DatabaseTransaction,
  filter: DeadFilter,
  limit: number,
): Promise<{ id: TaskId }[]> {
  return replayable(trx, filter, limit).forUpdate("task").execute();
}

export async function countReplayable(db: Database, filter: DeadFilter): Promise<number> {
  return countRows(db, replayable(db, filter, MAX_COUNTED));
}

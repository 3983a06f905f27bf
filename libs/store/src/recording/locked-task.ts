import type { TaskId } from "@axial/contracts";
import type { Selectable } from "kysely";
import type { DatabaseTransaction } from "../database.ts";
import type { TaskTable } from "../schema.ts";

const COLUMNS = [
  "id",
  "run_id",
  "study_id",
  "series_id",
  "tenant_id",
  "lane",
  "model_id",
  "model_version",
  "arm",
  "state",
  "attempt",
  "failures",
  "isolate",
  "history",
  "created_at",
] as const;

/** A task as the recorder decides on it, locked until its transaction ends. */
export type LockedTask = Pick<Selectable<TaskTable>, (typeof COLUMNS)[number]>;

/**
 * Locks the tasks, in id order, and reads them. The order keeps two recorders with the same tasks
 * in different batches from deadlocking.
 */
export function lockTasks(trx: DatabaseTransaction, ids: readonly TaskId[]): Promise<LockedTask[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return trx
    .selectFrom("task")
    .select(COLUMNS)
    .where("id", "in", [...ids])
    .orderBy("id")
    .forUpdate()
    .execute();
}

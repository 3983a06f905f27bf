import type { BlobKey, TaskId } from "@axial/contracts";
import type { Selectable } from "kysely";
import type { Database } from "../database.ts";
import type { TaskTable } from "../schema.ts";

/** What a task asks for, from its row. */
export type AskedTask = Pick<
  Selectable<TaskTable>,
  "id" | "model_id" | "model_version" | "attempt"
> & {
  /** The blob of its `TaskInput`. */
  readonly input: BlobKey;
};

/** The tasks of these ids, without a lock; those that are gone are left out. */
export function readAskedTasks(db: Database, ids: readonly TaskId[]): Promise<AskedTask[]> {
  if (ids.length === 0) return Promise.resolve([]);
  return db
    .selectFrom("task")
    .select(["id", "model_id", "model_version", "manifest as input", "attempt"])
    .where("id", "in", [...ids])
    .execute();
}

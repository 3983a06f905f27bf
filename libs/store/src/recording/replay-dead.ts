import type { TaskId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { notify } from "../notify.ts";
import { type DeadFilter, lockReplayable } from "../views/dead-letters.ts";

/** Tasks that one transaction replays. */
const BATCH = 500;

/**
 * Makes dead tasks of current runs pending again and reopens their runs and studies. Failure
 * counts are reset, the history is kept. Returns how many.
 */
export async function replayDead(db: Database, filter: DeadFilter): Promise<number> {
  let replayed = 0;
  for (;;) {
    const batch = await db.transaction().execute(async (trx) => {
      const tasks = await lockReplayable(trx, filter, BATCH);
      await reopen(
        trx,
        tasks.map((task) => task.id),
      );
      return tasks.length;
    });
    replayed += batch;
    if (batch < BATCH) return replayed;
  }
}

async function reopen(trx: DatabaseTransaction, tasks: TaskId[]): Promise<void> {
  if (tasks.length === 0) return;
  await sql`
    UPDATE run SET unfinished = run.unfinished + counted.tasks, state = 'active',
      completed_at = NULL
    FROM (SELECT run_id, count(*)::integer AS tasks FROM task WHERE id = ANY(${tasks})
      GROUP BY run_id) AS counted
    WHERE run.id = counted.run_id`.execute(trx);
  await sql`
    UPDATE study SET state = 'closed', completed_at = NULL, state_since = now()
    WHERE state IN ('complete', 'complete-with-failures', 'failed')
      AND id IN (SELECT study_id FROM task WHERE id = ANY(${tasks}))`.execute(trx);
  // An isolated task stays so: it may have been poison.
  await sql`
    UPDATE task SET state = 'pending', failures = 0, not_before = now(), finished_at = NULL,
      state_since = now()
    WHERE id = ANY(${tasks})`.execute(trx);
  await notify(trx, { event: "tasks-pending" });
}

/** Discards a dead task for good. Returns how many: 0 or 1. */
export async function discardDead(db: Database, tenant: TenantId, task: TaskId): Promise<number> {
  const { numUpdatedRows } = await db
    .updateTable("task")
    .set({ state: "cancelled", state_since: new Date() })
    .where("id", "=", task)
    .where("tenant_id", "=", tenant)
    .where("state", "=", "dead")
    .executeTakeFirstOrThrow();
  return Number(numUpdatedRows);
}

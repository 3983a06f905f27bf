import type { BlobKey, Lane, TaskId, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** A task that has just become `dispatched`; `attempt` is its new fencing token. */
export interface DispatchedTask {
  readonly task: TaskId;
  readonly attempt: number;
  readonly input: BlobKey;
  readonly model: string;
  readonly isolate: boolean;
  /** Of its planning. */
  readonly traceParent: string | null;
  /** Since when it was due. */
  readonly dueAt: Date;
}

interface TakeRequest {
  readonly lane: Lane;
  /** The lane whose queue it goes on: a higher one after a long wait. */
  readonly dispatchedLane: Lane;
  readonly tenant: TenantId;
  readonly limit: number;
  /** Only tasks that have been due for at least this long. */
  readonly dueForSeconds: number;
}

/** Moves the tenant's next pending tasks of a lane to `dispatched`, oldest due first. */
export async function takeTasks(
  trx: DatabaseTransaction,
  request: TakeRequest,
): Promise<DispatchedTask[]> {
  const { rows } = await sql<DispatchedTask>`
    WITH due AS MATERIALIZED (
      SELECT id FROM task
      WHERE state = 'pending' AND lane = ${request.lane} AND tenant_id = ${request.tenant}
        AND not_before <= now() - make_interval(secs => ${request.dueForSeconds})
      ORDER BY not_before, id LIMIT ${request.limit} FOR UPDATE SKIP LOCKED)
    UPDATE task SET state = 'dispatched', attempt = attempt + 1, dispatched_at = now(),
      dispatched_lane = ${request.dispatchedLane}, state_since = now()
    FROM due WHERE task.id = due.id
    RETURNING task.id AS task, attempt, manifest AS input, model_id AS model, isolate,
      trace_parent AS "traceParent", not_before AS "dueAt"`.execute(trx);
  return rows;
}

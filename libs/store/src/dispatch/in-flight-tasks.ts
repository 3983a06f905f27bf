import type { ErrorCode, Lane, TaskId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { notify } from "../notify.ts";

/** An attempt that Postgres believes to be on the queue or with a worker. */
export interface AttemptInFlight {
  readonly task: TaskId;
  readonly attempt: number;
  readonly lane: Lane;
  readonly state: "dispatched" | "running";
  readonly seconds: number;
}

/** Attempts that have been in their state for at least `seconds`, the oldest first. */
export async function attemptsInFlight(
  db: Database,
  seconds: number,
  limit: number,
): Promise<AttemptInFlight[]> {
  const { rows } = await sql<AttemptInFlight>`
    SELECT id AS task, attempt, dispatched_lane AS lane, state,
      extract(epoch FROM now() - state_since)::float8 AS seconds
    FROM task WHERE state IN ('dispatched', 'running')
      AND state_since < now() - make_interval(secs => ${seconds})
    ORDER BY state_since LIMIT ${limit}`.execute(db);
  return rows;
}

export type AttemptKey = Pick<AttemptInFlight, "task" | "attempt">;

/** Records that workers hold these attempts; those that ended meanwhile stay as they are. */
export async function markRunning(db: Database, attempts: readonly AttemptKey[]): Promise<void> {
  if (attempts.length === 0) return;
  await sql`
    UPDATE task SET state = 'running', state_since = now()
    FROM unnest(${attempts.map((one) => one.task)}::text[], ${attempts.map((one) => one.attempt)}::integer[])
      AS seen (id, attempt)
    WHERE task.id = seen.id AND task.attempt = seen.attempt AND task.state = 'dispatched'`.execute(
    db,
  );
}

/**
 * Makes tasks whose jobs the queue did not take what they were: no attempt is counted, nothing is
 * added to their history and they keep their place. A job that the queue took all the same, with
 * its answer lost, has the number of the next attempt: it is the same job, and what it reports early
 * is stale.
 */
export async function takeBack(db: Database, attempts: readonly AttemptKey[]): Promise<void> {
  await sql`
    UPDATE task SET state = 'pending', state_since = now(), attempt = task.attempt - 1,
      dispatched_lane = NULL, dispatched_at = NULL
    FROM unnest(${attempts.map((one) => one.task)}::text[], ${attempts.map((one) => one.attempt)}::integer[])
      AS refused (id, attempt)
    WHERE task.id = refused.id AND task.attempt = refused.attempt
      AND task.state = 'dispatched'`.execute(db);
}

/**
 * Returns attempts that no worker holds to the backlog, with the reason in their history. An
 * attempt whose outcome was recorded meanwhile is left alone: number and state are compared.
 * Returns how many went back.
 */
export async function returnToPending(
  db: Database,
  attempts: readonly AttemptKey[],
  code: ErrorCode,
): Promise<number> {
  if (attempts.length === 0) return 0;
  const { numAffectedRows } = await sql`
    UPDATE task SET state = 'pending', state_since = now(), not_before = now(),
      dispatched_lane = NULL, error_code = ${code},
      history = CASE WHEN jsonb_array_length(history) >= 20 THEN history - 0 ELSE history END
        || jsonb_build_array(jsonb_build_object(
          'attempt', task.attempt, 'at', now(), 'code', ${code}::text))
    FROM unnest(${attempts.map((one) => one.task)}::text[], ${attempts.map((one) => one.attempt)}::integer[])
      AS lost (id, attempt)
    WHERE task.id = lost.id AND task.attempt = lost.attempt
      AND task.state IN ('dispatched', 'running')`.execute(db);
  if ((numAffectedRows ?? 0n) > 0n) await notify(db, { event: "tasks-pending" });
  return Number(numAffectedRows ?? 0n);
}

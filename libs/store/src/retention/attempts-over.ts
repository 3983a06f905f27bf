import type { TaskId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import type { AttemptKey } from "../dispatch/in-flight-tasks.ts";

/** Filters attempts that are no longer in flight: their jobs are obsolete. */
export async function attemptsOver(
  db: Database,
  attempts: readonly AttemptKey[],
): Promise<AttemptKey[]> {
  const { rows } = await sql<{ task: TaskId; attempt: number }>`
    SELECT asked.task, asked.attempt
    FROM unnest(${attempts.map((one) => one.task)}::text[],
      ${attempts.map((one) => one.attempt)}::integer[]) AS asked (task, attempt)
    WHERE NOT EXISTS (SELECT FROM task WHERE task.id = asked.task
      AND task.attempt = asked.attempt AND task.state IN ('dispatched', 'running'))`.execute(db);
  return rows;
}

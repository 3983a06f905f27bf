import { sql } from "kysely";
import type { Database } from "../database.ts";

interface DatabaseEstimate {
  /** As of the last vacuum or analyse: an exact count would read the whole backlog. */
  readonly pendingTasks: number;
  readonly bytes: number;
}

/** How large the backlog and the database are, at a cost that does not grow with them. */
export async function estimateDatabase(db: Database): Promise<DatabaseEstimate> {
  const { rows } = await sql<{ pending: number; bytes: string }>`
    SELECT greatest(reltuples, 0)::float8 AS pending,
      pg_database_size(current_database()) AS bytes
    FROM pg_class WHERE oid = 'task_pending'::regclass`.execute(db);
  return { pendingTasks: rows[0]?.pending ?? 0, bytes: Number(rows[0]?.bytes ?? 0) };
}

import { sql } from "kysely";
import type { Database } from "./database.ts";

/**
 * Commits a row and resolves with PostgreSQL's clock. Rejects when it is a standby, only takes reads,
 * has no room, or waits for a synchronous replica that is gone: a SELECT succeeds in all of these.
 */
export async function probeWrites(db: Database, process: string): Promise<Date> {
  const { rows } = await sql<{ at: Date }>`
    INSERT INTO write_probe (process, at) VALUES (${process}, clock_timestamp())
    ON CONFLICT (process) DO UPDATE SET at = excluded.at
    RETURNING clock_timestamp() AS at`.execute(db);
  const [row] = rows;
  if (row === undefined) throw new Error("the probe's row was not written");
  return row.at;
}

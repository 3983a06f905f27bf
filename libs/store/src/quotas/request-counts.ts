import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What one process counted of a key since it last told. */
export interface RequestCount {
  readonly key: string;
  readonly requests: number;
}

/** What all processes counted of it in the present minute. */
export interface MinuteCount {
  readonly key: string;
  /** Minutes since 1970 by PostgreSQL's clock. */
  readonly minute: number;
  readonly requests: number;
  /** Milliseconds until the minute is over. */
  readonly leftMs: number;
}

/** Adds to the counts of the present minute, and returns their sums over all processes. */
export async function addRequestCounts(
  db: Database,
  counts: readonly RequestCount[],
): Promise<MinuteCount[]> {
  const { rows } = await sql<MinuteCount>`
    INSERT INTO request_count AS c (key, minute, requests)
    SELECT key, extract(epoch FROM now())::bigint / 60, requests
    FROM jsonb_to_recordset(${JSON.stringify(counts)}::jsonb) AS w(key text, requests integer)
    ORDER BY key
    ON CONFLICT (key) DO UPDATE SET minute = excluded.minute,
      requests = excluded.requests + CASE WHEN c.minute = excluded.minute THEN c.requests ELSE 0 END
    RETURNING key, minute::float8, requests,
      (60 - extract(epoch FROM now())::numeric % 60)::float8 * 1000 AS "leftMs"`.execute(db);
  return rows;
}

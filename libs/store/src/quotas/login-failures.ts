import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Failures are forgotten after so long without one. */
const FORGET_FAILURES_SECONDS = 900;

/** Counts a wrong key from an address; returns how many there were, this one included. */
export async function addLoginFailure(db: Database, address: string): Promise<number> {
  const { rows } = await sql<{ failures: number }>`
    INSERT INTO login_failure AS f (address, failures, last_at) VALUES (${address}, 1, now())
    ON CONFLICT (address) DO UPDATE SET last_at = now(), failures = 1 + CASE
      WHEN f.last_at > now() - make_interval(secs => ${FORGET_FAILURES_SECONDS})
      THEN f.failures ELSE 0 END
    RETURNING failures`.execute(db);
  return rows[0]?.failures ?? 1;
}

/** Removes what no longer counts, of failures and requests. Returns the number of rows. */
export async function sweepQuotaCounts(db: Database): Promise<number> {
  const failures = await sql`DELETE FROM login_failure
    WHERE last_at < now() - make_interval(secs => ${FORGET_FAILURES_SECONDS})`.execute(db);
  const requests = await sql`DELETE FROM request_count
    WHERE minute < extract(epoch FROM now())::bigint / 60 - 1`.execute(db);
  return Number((failures.numAffectedRows ?? 0n) + (requests.numAffectedRows ?? 0n));
}

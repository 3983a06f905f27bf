import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "@axial/store/database";
import { sql } from "kysely";

const LOOK_EVERY_MS = 100;
const GIVE_UP_AFTER_MS = 600_000;

/** Predictions since `from`: how many, and the seconds between the first and the last. */
interface Completed {
  readonly jobs: number;
  readonly seconds: number;
}

/** The database's clock, by which `created_at` is compared. */
export async function databaseTime(db: Database): Promise<Date> {
  const { rows } = await sql<{ now: Date }>`SELECT clock_timestamp() AS now`.execute(db);
  return rows[0]?.now ?? new Date();
}

/** Waits until `jobs` predictions have been recorded since `from`. */
export async function untilCompleted(db: Database, from: Date, jobs: number): Promise<Completed> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const { rows } = await sql<Completed>`
      SELECT count(*)::integer AS jobs,
        extract(epoch FROM max(created_at) - min(created_at))::float8 AS seconds
      FROM prediction WHERE created_at >= ${from}`.execute(db);
    const [completed] = rows;
    if (completed !== undefined && completed.jobs >= jobs) return completed;
    if (Date.now() > deadline) throw new Error(`${completed?.jobs} of ${jobs} jobs were recorded`);
    await delay(LOOK_EVERY_MS);
  }
}

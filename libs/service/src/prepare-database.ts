import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@axial/kit";
import { type Database, isTransientDatabaseError } from "@axial/store/database";
import { ensureAdminKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";

/** Pauses between tries double from the first to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

export interface PrepareOptions {
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Made an admin key of the home tenant, unless it is one already. */
  readonly adminKey?: string | undefined;
}

/**
 * Brings the schema up to this version and resolves with the names of the migrations that it
 * applied, or with null when `signal` aborts first. Waits for a Postgres that is not there yet:
 * logs that once, with the reason, and once more when it is there. Rejects with what waiting does
 * not mend: a wrong password, a database that does not exist, a migration that fails.
 */
export async function prepareDatabase(
  db: Database,
  { logger, signal, adminKey }: PrepareOptions,
): Promise<readonly string[] | null> {
  for (let failures = 0; !signal.aborted; failures += 1) {
    try {
      const applied = await migrate(db);
      if (adminKey !== undefined) await ensureAdminKey(db, adminKey);
      if (failures > 0) logger.info({ failures }, "the database is there");
      return applied;
    } catch (error) {
      if (signal.aborted) return null;
      if (!isTransientDatabaseError(error)) throw error;
      if (failures === 0) logger.error({ err: error }, "waiting for the database");
    }
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** failures, LAST_PAUSE_MS);
    await delay(pause, undefined, { signal }).catch(() => {});
  }
  return null;
}

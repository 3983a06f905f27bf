import { setTimeout as delay } from "node:timers/promises";
import type { Logger } from "@axial/kit";
import { type Database, isTransientDatabaseError } from "@axial/store/database";
import { ensureAdminKey } from "@axial/store/keys";
import { isSchemaCurrent, migrate } from "@axial/store/migrate";

/** Pauses between tries double from the first to the last. */
const FIRST_PAUSE_MS = 100;
const LAST_PAUSE_MS = 2_000;

interface PrepareOptions {
  readonly logger: Logger;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
  /** Which process migrates the schema: this one, or another that it waits for. */
  readonly schema?: "migrate" | "wait" | undefined;
  /** Made the home tenant's own admin key; another that was it before is retired. */
  readonly adminKey?: string | undefined;
}

/**
 * Brings the schema up to this version, or waits until another process has, and resolves with the
 * names of the migrations that it applied, or with null when `signal` aborts first. Waits for a
 * Postgres that is not there yet. Logs each wait once, with the reason, and once more when it is
 * over. Rejects with what waiting does not mend: a wrong password, a database that does not exist,
 * a migration that fails.
 */
export async function prepareDatabase(
  db: Database,
  { logger, signal, schema = "migrate", adminKey }: PrepareOptions,
): Promise<readonly string[] | null> {
  let waitedFor: string | null = null;
  for (let tries = 0; !signal.aborted; tries += 1) {
    const { reason, error, applied } = await attempt(db, { logger, schema, adminKey });
    if (reason === null) {
      if (waitedFor !== null) logger.info({ tries }, "the database is ready");
      return applied;
    }
    if (signal.aborted) return null;
    if (reason !== waitedFor) logger.error({ err: error }, `waiting for ${reason}`);
    waitedFor = reason;
    const pause = Math.min(FIRST_PAUSE_MS * 2 ** tries, LAST_PAUSE_MS);
    await delay(pause, undefined, { signal }).catch(() => {});
  }
  return null;
}

interface Attempt {
  /** What is waited for; null when there is nothing to wait for. */
  readonly reason: "the database" | "its schema" | null;
  readonly error?: unknown;
  readonly applied: readonly string[];
}

async function attempt(
  db: Database,
  { logger, schema, adminKey }: Pick<PrepareOptions, "logger" | "schema" | "adminKey">,
): Promise<Attempt> {
  try {
    const waits = schema === "wait" && !(await isSchemaCurrent(db));
    if (waits) return { reason: "its schema", applied: [] };
    const applied = schema === "wait" ? [] : await migrate(db);
    const own = adminKey === undefined ? "current" : await ensureAdminKey(db, adminKey);
    if (own === "retired") logger.error("AXIAL_ADMIN_KEY was revoked or replaced: set another");
    return { reason: null, applied };
  } catch (error) {
    if (!isTransientDatabaseError(error)) throw error;
    return { reason: "the database", error, applied: [] };
  }
}

import { openPool } from "@axial/postgres";
import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

/** Connections per process; a cluster of 20 gateways stays under a stock Postgres' hundreds. */
const POOL_SIZE = 10;
/** No statement of ours runs longer; the sweeps work in batches. */
const STATEMENT_TIMEOUT_MS = 30_000;

interface OpenDatabaseOptions {
  readonly poolSize?: number;
  /** Called for an error on an idle connection (server restarted): the pool replaces it. */
  readonly onIdleError?: (error: Error) => void;
}

/** A lazy pool over `url` (postgres://…): connects at the first query, reconnects by itself. */
export function openDatabase(url: string, options: OpenDatabaseOptions = {}): Database {
  const pool = openPool(url, {
    max: options.poolSize ?? POOL_SIZE,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "axial",
    onIdleError: options.onIdleError,
  });
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

/** Resolves when Postgres answers a query, rejects with its reason. */
export async function pingDatabase(db: Database): Promise<void> {
  await sql`SELECT 1`.execute(db);
}

export { isTransientDatabaseError } from "./transient-error.ts";

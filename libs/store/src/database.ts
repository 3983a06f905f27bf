import { Kysely, PostgresDialect, sql, type Transaction } from "kysely";
import { Pool } from "pg";
import { endLostConnections } from "./lost-connections.ts";
import type { Schema } from "./schema.ts";

export type Database = Kysely<Schema>;
export type DatabaseTransaction = Transaction<Schema>;

/** Connections per process; a cluster of 20 gateways stays under a stock Postgres' hundreds. */
const POOL_SIZE = 10;
/** A query fails rather than waits for ever; a machine under load takes its time to connect. */
const CONNECT_TIMEOUT_MS = 10_000;
/** No statement of ours runs longer; the sweeps work in batches. */
const STATEMENT_TIMEOUT_MS = 30_000;
/** A connection that is idle for so long asks whether its other end is there. */
export const KEEP_ALIVE_MS = 10_000;

/**
 * What Postgres does with a session of ours whose host is gone: it asks after 10 s, and ends the
 * session, with all locks that it holds, within 25. By itself it would ask after two hours.
 */
const FORGET_LOST_HOSTS =
  "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000";

export interface OpenDatabaseOptions {
  readonly poolSize?: number;
  /** Called for an error on an idle connection (server restarted): the pool replaces it. */
  readonly onIdleError?: (error: Error) => void;
}

/** A lazy pool over `url` (postgres://…): connects at the first query, reconnects by itself. */
export function openDatabase(url: string, options: OpenDatabaseOptions = {}): Database {
  const pool = new Pool({
    connectionString: url,
    max: options.poolSize ?? POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    statement_timeout: STATEMENT_TIMEOUT_MS,
    application_name: "axial",
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    options: FORGET_LOST_HOSTS,
  });
  endLostConnections(pool, url);
  pool.on("error", (error) => options.onIdleError?.(error));
  // A connection lost between two statements of a transaction reports to itself alone, and an
  // error that nobody hears ends the process; the transaction's next statement rejects with it.
  pool.on("connect", (client) => client.on("error", () => {}));
  return new Kysely<Schema>({ dialect: new PostgresDialect({ pool }) });
}

/** Resolves when Postgres answers a query, rejects with its reason. */
export async function pingDatabase(db: Database): Promise<void> {
  await sql`SELECT 1`.execute(db);
}

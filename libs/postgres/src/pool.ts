import { Pool, type PoolConfig } from "pg";
import { endLostConnections } from "./lost-connections.ts";

/** A connection that is idle for ten seconds probes its peer. */
export const KEEP_ALIVE = { keepAlive: true, keepAliveInitialDelayMillis: 10_000 };

/**
 * How Postgres treats a session whose host is gone: it probes after 10 s and ends the session, with
 * its locks, within 25. The default is two hours.
 */
export const FORGET_LOST_HOSTS =
  "-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5 -c tcp_keepalives_count=3 -c tcp_user_timeout=25000";

/** A server that starts, or a machine under load, takes its time. */
const CONNECT_TIMEOUT_MS = 10_000;

interface OpenPoolOptions extends Pick<PoolConfig, "max" | "statement_timeout"> {
  /** The application name of the sessions. */
  readonly application_name: string;
  /** Settings of each session, as `-c name=value …`. */
  readonly settings?: string;
  /** Called for an error on an idle connection (server restarted): the pool replaces it. */
  readonly onIdleError?: ((error: Error) => void) | undefined;
}

/**
 * A lazy pool over `url` (postgres://…): connects at the first statement, reconnects by itself. A
 * statement that was lost on the way rejects within seconds, and a session whose host is gone ends.
 */
export function openPool(url: string, options: OpenPoolOptions): Pool {
  const { settings = "", onIdleError, ...config } = options;
  const pool = new Pool({
    ...config,
    ...KEEP_ALIVE,
    connectionString: url,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: `${settings} ${FORGET_LOST_HOSTS}`.trim(),
  });
  endLostConnections(pool, url);
  pool.on("error", (error) => onIdleError?.(error));
  // A connection lost between two statements of a transaction emits the error itself, and an
  // unhandled 'error' event ends the process; the transaction's next statement rejects with it.
  pool.on("connect", (client) => client.on("error", () => {}));
  return pool;
}

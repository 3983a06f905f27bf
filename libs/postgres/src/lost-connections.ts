import { Client, type ClientBase, type Pool, type PoolClient } from "pg";

/** A statement that has been silent for this long is probed. */
const SILENT_MS = 3_000;
const LOOK_EVERY_MS = 1_000;
const ANSWER_WITHIN_MS = 2_000;

/** Includes the prober's own PID: behind a pooler the ids are not Postgres' own, and useless. */
const WORKING = `SELECT pg_backend_pid() AS asked,
  ARRAY(SELECT pid FROM pg_stat_activity
    WHERE pid = ANY($1) AND (state IS NULL OR state NOT LIKE 'idle%')) AS working`;

/**
 * Ends connections whose statement Postgres is not running: the request or the answer was lost in a
 * network cut, or the server was replaced. TCP retries ever more slowly (12 s after an outage of 13
 * s), and a server that lost power never closes its connections. Only Postgres can tell such a
 * connection from one whose statement takes long, so it is asked on a new one. The caller gets the
 * error of any lost connection. The pool's idle connections used the same network and are ended
 * too: their next user would find out as slowly.
 */
export function endLostConnections(pool: Pool, url: string): void {
  const waitingSince = new Map<PoolClient, number>();
  const idle = new Set<PoolClient>();
  let looking = false;
  const look = async () => {
    const silent = [...waitingSince].filter(([, since]) => since < Date.now() - SILENT_MS);
    // What was answered meanwhile was not lost.
    const lost = (await lostAmong(silent, url)).filter(
      ([client, since]) => waitingSince.get(client) === since,
    );
    const ended = lost.length === 0 ? [] : [...lost.map(([client]) => client), ...idle];
    for (const client of ended) client.connection.stream.destroy();
    looking = false;
    if (waitingSince.size > 0) lookLater();
  };
  const lookLater = () => {
    if (looking) return;
    looking = true;
    setTimeout(() => void look(), LOOK_EVERY_MS).unref();
  };
  pool.on("connect", (client) => {
    watchStatements(client, (waits) => {
      if (!waits) waitingSince.delete(client);
      else {
        waitingSince.set(client, Date.now());
        lookLater();
      }
    });
  });
  pool.on("acquire", (client) => idle.delete(client));
  pool.on("release", (_error, client) => idle.add(client));
  pool.on("remove", (client) => {
    waitingSince.delete(client);
    idle.delete(client);
  });
}

/** Reports when a statement starts to wait for its answer, and when none is waiting. */
function watchStatements(client: PoolClient, tell: (waits: boolean) => void): void {
  const query = client.query.bind(client) as (...args: readonly unknown[]) => unknown;
  let open = 0;
  const settled = () => {
    open -= 1;
    tell(open > 0);
  };
  const begun = () => {
    open += 1;
    tell(true);
  };
  const watched = (...args: readonly unknown[]) => {
    const callback = args.at(-1);
    // The pool's own way to ask.
    if (typeof callback === "function") {
      begun();
      return query(...args.slice(0, -1), (...answer: readonly unknown[]) => {
        settled();
        callback(...answer);
      });
    }
    const answer = query(...args);
    if (answer instanceof Promise) {
      begun();
      answer.then(settled, settled);
    }
    return answer;
  };
  Object.assign(client, { query: watched });
}

type Silent = readonly [client: PoolClient, since: number];

/** Connections that Postgres is not working for; none while it cannot be asked. */
async function lostAmong(silent: readonly Silent[], url: string): Promise<readonly Silent[]> {
  if (silent.length === 0) return [];
  const asking = new Client({
    connectionString: url,
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    application_name: "axial-lost-connections",
  });
  asking.on("error", () => {});
  try {
    await asking.connect();
    const pids = silent.map(([client]) => serverPid(client));
    const { rows } = await asking.query<{ asked: number; working: number[] }>(WORKING, [pids]);
    const [answer] = rows;
    if (answer?.asked !== serverPid(asking)) return [];
    return silent.filter((_, index) => !answer.working.includes(pids[index] ?? 0));
  } catch {
    return [];
  } finally {
    asking.end().catch(() => {});
  }
}

/** Postgres sends it when a connection starts; the types of pg lack it. */
function serverPid(client: ClientBase): number | null {
  const pid: unknown = "processID" in client ? client.processID : null;
  return typeof pid === "number" ? pid : null;
}

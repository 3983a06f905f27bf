import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { FORGET_LOST_HOSTS, KEEP_ALIVE } from "./pool.ts";

/** How often a standby asks for the lock, and a leader shows that it is alive. */
const BEAT_MS = 1_000;
/** A leader whose beat is not answered for this long steps down. */
const ANSWER_WITHIN_MS = 2_000;
/**
 * Postgres ends the session of a leader that is silent for this long (stopped, cut off, without
 * power), and with it the lock. More than a beat and its answer: a leader that is cut off has
 * stepped down before another one leads.
 */
const SILENT_MS = 5_000;

interface LeadershipOptions {
  /** Names what is led, in this database. */
  readonly role: string;
  /** Called when this process has become the leader; what it returns is called when it no longer is. */
  readonly lead: () => () => Promise<void>;
  /** Called for each lost connection and each failed try to open one. */
  readonly onError?: (error: unknown) => void;
}

export interface Leadership {
  /** Steps down. Resolves once what was led has stopped. */
  close(): Promise<void>;
}

/**
 * Of all processes that seek the leadership of a role, one has it: the holder of a session's
 * advisory lock. Another takes over at once when the leader closes or dies, and within seconds when
 * it is cut off or stopped. Such a leader may come back to a turn that it had begun, so what is led
 * must bear a second one for a moment.
 */
export function seekLeadership(url: string, options: LeadershipOptions): Leadership {
  const closing = new AbortController();
  const seeking = seekUntil(closing.signal, url, options);
  return {
    close: async () => {
      closing.abort();
      await seeking;
    },
  };
}

async function seekUntil(
  closing: AbortSignal,
  url: string,
  options: LeadershipOptions,
): Promise<void> {
  while (!closing.aborted) {
    try {
      await seekOnce(closing, url, options);
    } catch (error) {
      options.onError?.(error);
    }
    await pause(closing);
  }
}

/** Resolves when closing, rejects when the connection is lost; has stepped down either way. */
async function seekOnce(closing: AbortSignal, url: string, options: LeadershipOptions) {
  const client = new Client({
    connectionString: url,
    application_name: "axial-leadership",
    connectionTimeoutMillis: ANSWER_WITHIN_MS,
    query_timeout: ANSWER_WITHIN_MS,
    options: `-c idle_session_timeout=${SILENT_MS} ${FORGET_LOST_HOSTS}`,
    ...KEEP_ALIVE,
  });
  const lost = new AbortController();
  client.on("error", () => lost.abort());
  client.on("end", () => lost.abort());
  const ended = AbortSignal.any([closing, lost.signal]);
  try {
    await client.connect();
    while (!closing.aborted && !(await takeLock(client, options.role))) await pause(ended);
    if (!closing.aborted) await leadUntil(closing, ended, client, options);
  } finally {
    await client.end().catch(() => {});
  }
}

async function takeLock(client: Client, role: string): Promise<boolean> {
  const { rows } = await client.query<{ taken: boolean }>(
    "SELECT pg_try_advisory_lock(hashtext('axial leadership'), hashtext($1)) AS taken",
    [role],
  );
  return rows[0]?.taken === true;
}

/** Leads until closing, or rejects once the connection is lost: at once when it was closed. */
async function leadUntil(
  closing: AbortSignal,
  ended: AbortSignal,
  client: Client,
  { lead }: LeadershipOptions,
) {
  const stop = lead();
  try {
    while (!closing.aborted) {
      await pause(ended);
      await client.query("SELECT 1");
    }
  } finally {
    await stop();
  }
}

async function pause(ended: AbortSignal): Promise<void> {
  await delay(BEAT_MS, undefined, { signal: ended }).catch(() => {});
}

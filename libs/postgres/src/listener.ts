import { setTimeout as delay } from "node:timers/promises";
import { Client } from "pg";
import { KEEP_ALIVE } from "./pool.ts";

/** Pause before a lost connection is opened again. */
const RECONNECT_MS = 500;

export interface ListenerOptions {
  /** Called for each lost connection and each failed try to open one. */
  readonly onError?: (error: unknown) => void;
  /** Called whenever listening has begun (again): what was notified in between is missed. */
  readonly onListening?: () => void;
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Listens to NOTIFY on a connection of its own, opened again whenever it is lost. Notifications
 * are wake-ups: whoever relies on one also polls.
 */
export function openListener(
  url: string,
  channels: Readonly<Record<string, (payload: string) => void>>,
  options: ListenerOptions = {},
): Listener {
  const closing = new AbortController();
  const listening = listenUntil(closing.signal, { url, channels, options });
  return {
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}

interface Listening {
  readonly url: string;
  readonly channels: Readonly<Record<string, (payload: string) => void>>;
  readonly options: ListenerOptions;
}

async function listenUntil(closing: AbortSignal, listening: Listening): Promise<void> {
  while (!closing.aborted) {
    try {
      await listenOnce(closing, listening);
    } catch (error) {
      listening.options.onError?.(error);
    }
    await delay(RECONNECT_MS, undefined, { signal: closing }).catch(() => {});
  }
}

/** Resolves when closing, rejects when the connection is lost. */
async function listenOnce(closing: AbortSignal, listening: Listening): Promise<void> {
  const client = new Client({
    connectionString: listening.url,
    application_name: "axial-listener",
    // It only ever hears: without this it would not know of a server that lost its power.
    ...KEEP_ALIVE,
  });
  const ended = Promise.withResolvers<void>();
  client.on("error", ended.reject);
  client.on("end", () => ended.reject(new Error("the listening connection ended")));
  client.on("notification", ({ channel, payload }) => listening.channels[channel]?.(payload ?? ""));
  const onClosing = () => ended.resolve();
  closing.addEventListener("abort", onClosing, { once: true });
  try {
    await client.connect();
    for (const channel of Object.keys(listening.channels)) {
      await client.query(`LISTEN ${client.escapeIdentifier(channel)}`);
    }
    listening.options.onListening?.();
    if (!closing.aborted) await ended.promise;
  } finally {
    closing.removeEventListener("abort", onClosing);
    ended.promise.catch(() => {});
    await client.end().catch(() => {});
  }
}

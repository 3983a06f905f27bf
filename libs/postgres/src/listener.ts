import { setTimeout as delay } from "node:timers/promises";
import {
  NOTIFICATIONS,
  type NotificationEvent,
  type NotificationHandlers,
  receive,
} from "@axial/contracts";
import { Client } from "pg";
import { KEEP_ALIVE } from "./pool.ts";

/** Pause before a lost connection is opened again. */
const RECONNECT_MS = 500;

interface ListenerOptions {
  /** Called for each lost connection and each failed try to open one. */
  readonly onError?: (error: unknown) => void;
  /** Called whenever listening has begun (again): earlier notifications may have been missed. */
  readonly onListening?: () => void;
}

export interface Listener {
  close(): Promise<void>;
}

/**
 * Listens to the events that have a handler, on its own connection, which is reopened whenever it
 * is lost. Notifications are wake-ups: a caller that relies on one also polls.
 */
export function listen(
  url: string,
  handlers: NotificationHandlers,
  options: ListenerOptions = {},
): Listener {
  const closing = new AbortController();
  const listening = listenUntil(closing.signal, { url, handlers, options });
  return {
    close: async () => {
      closing.abort();
      await listening;
    },
  };
}

interface Listening {
  readonly url: string;
  readonly handlers: NotificationHandlers;
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
    // It never sends: without keep-alive it would not notice a server that lost power.
    ...KEEP_ALIVE,
  });
  const ended = Promise.withResolvers<void>();
  client.on("error", ended.reject);
  client.on("end", () => ended.reject(new Error("the listening connection ended")));
  const events = new Map(
    (Object.keys(listening.handlers) as NotificationEvent[]).map((event) => [
      NOTIFICATIONS[event].channel as string,
      event,
    ]),
  );
  client.on("notification", ({ channel, payload = "" }) => {
    const event = events.get(channel);
    if (event !== undefined) receive(listening.handlers, event, payload);
  });
  const onClosing = () => ended.resolve();
  closing.addEventListener("abort", onClosing, { once: true });
  try {
    await client.connect();
    for (const channel of events.keys()) {
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

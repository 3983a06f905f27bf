import { listen } from "./api.mjs";
import { byId } from "./dom.mjs";

const connection = byId("connection");
/** A busy installation changes all the time: pages read again this often at most. */
const LEAST_MS = 2_000;
/** What no event tells of, such as a worker that left, is seen after this. */
const MOST_MS = 10_000;
/** Reads that are audited: less often. */
export const AUDITED = { leastMs: 10_000, mostMs: 60_000 };
const RECONNECT_MS = 5_000;

/**
 * Calls `refresh` now, again whenever the server says that something changed, and now and then
 * anyway, until `signal` is aborted. A hidden page rests. The first failure is the caller's; later
 * ones are shown in a line above the page until it works again.
 *
 * @param {AbortSignal} signal
 * @param {() => Promise<void>} refresh
 * @param {{ leastMs: number, mostMs: number }} pace
 */
export async function live(signal, refresh, pace = { leastMs: LEAST_MS, mostMs: MOST_MS }) {
  await refresh();
  keepFresh(signal, refresh, pace);
}

async function keepFresh(signal, refresh, { leastMs, mostMs }) {
  const changes = changeFeed(signal);
  while (!signal.aborted) {
    await pause(leastMs, signal);
    await Promise.race([changes.next(), pause(mostMs - leastMs, signal)]);
    if (signal.aborted) break;
    if (document.hidden) continue;
    try {
      await refresh();
      connection.hidden = true;
    } catch (error) {
      if (signal.aborted) break;
      connection.textContent = `No news from the server: ${error.message}`;
      connection.hidden = false;
    }
  }
  connection.hidden = true;
}

/** `next()` resolves at the next change, or at once if there was one since the last. */
function changeFeed(signal) {
  let changed = Promise.withResolvers();
  subscribe(signal, () => changed.resolve(undefined));
  return {
    next: async () => {
      await changed.promise;
      changed = Promise.withResolvers();
    },
  };
}

async function subscribe(signal, onChange) {
  while (!signal.aborted) {
    // A feed that breaks is opened again; until then the page looks by itself.
    await listen("/api/v1/events", signal, onChange).catch(() => {});
    await pause(RECONNECT_MS, signal);
  }
}

/**
 * @param {number} ms
 * @param {AbortSignal} signal
 * @returns {Promise<void>}
 */
function pause(ms, signal) {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}

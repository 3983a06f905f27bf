import { rm } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import type { Connection } from "@axial/client";
import type { ItemState } from "../send/item-outcome.ts";
import type { Journal } from "../send/journal.ts";
import { type SentPaths, sendPaths } from "../send/send-paths.ts";
import { setAside } from "./set-aside.ts";
import { StableFiles } from "./stable-files.ts";

export interface WatchOptions {
  /** Absolute, as are the other two; they may lie below it. */
  readonly folder: string;
  /** Where files go that the server has; null: they are deleted. */
  readonly processed: string | null;
  /** Where files go that it will not take, or that are not DICOM. */
  readonly failed: string;
  readonly lane: string;
  readonly models: readonly string[] | null;
  readonly settleMs: number;
  readonly everyMs: number;
  readonly patienceSeconds: number;
  readonly signal: AbortSignal;
  /** Told of each round that sent something, and of trouble that is waited out. */
  onRound(sent: SentPaths): void;
  onTrouble(reason: string): void;
}

/**
 * Sends what appears in a folder, once it is whole, until the signal: the way `axial send` does, a
 * round after the other. All state is in the folder: a file leaves it when its end is known, so a
 * watcher that dies is continued by the next, and what the server has is not sent twice. Studies
 * close by their tenant's quiet period, because a share does not say when one is complete.
 */
export async function watchFolder(connection: Connection, options: WatchOptions): Promise<void> {
  const { folder, processed, failed, settleMs, everyMs, signal } = options;
  const except = processed === null ? [failed] : [processed, failed];
  const files = new StableFiles({ folder, except, settleMs });
  let trouble: string | null = null;
  while (!signal.aborted) {
    try {
      const settled = await files.look();
      if (settled.length > 0) await sendRound(connection, settled, options);
      trouble = null;
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (reason !== trouble) options.onTrouble(reason);
      trouble = reason;
    }
    await delay(everyMs, undefined, { signal }).catch(() => {});
  }
}

async function sendRound(
  connection: Connection,
  files: readonly Buffer[],
  options: WatchOptions,
): Promise<void> {
  const { lane, models, patienceSeconds } = options;
  let ends: ReadonlyMap<string, End> = new Map();
  const sent = await sendPaths(connection, files, {
    ...{ lane, models, patienceSeconds, close: false, journal: null },
    report: async (journal) => {
      ends = endsOf(journal);
    },
  });
  for (const path of files) {
    const end = ends.get(path.toString("latin1"));
    if (end !== undefined) await put(path, end, options);
  }
  options.onRound(sent);
}

/** What becomes of a file: it stays when another try may help. */
type End =
  | { readonly status: "processed" }
  | { readonly status: "failed"; readonly reason: string };

function endsOf(journal: Journal): Map<string, End> {
  const states = new Map<string, Map<ItemState, string | null>>();
  for (const { path, state, code } of journal.items()) {
    const key = path.toString("latin1");
    const known = states.get(key) ?? new Map<ItemState, string | null>();
    states.set(key, known.set(state, code));
  }
  const ends = [...states].map(([key, found]) => [key, endOf(found)] as const);
  return new Map(ends.flatMap(([key, end]) => (end === null ? [] : [[key, end]])));
}

/** The end of a file, or of all entries of an archive. */
function endOf(states: ReadonlyMap<ItemState, string | null>): End | null {
  if (states.has("failed")) return null;
  for (const state of ["refused", "unreadable"] as const) {
    if (states.has(state)) return { status: "failed", reason: states.get(state) ?? state };
  }
  if (states.has("new") || states.has("known")) return { status: "processed" };
  return { status: "failed", reason: states.get("not-dicom") ?? "not-dicom" };
}

async function put(path: Buffer, end: End, options: WatchOptions): Promise<void> {
  const { folder: from, processed, failed } = options;
  if (end.status === "failed") await setAside(path, { from, to: failed, reason: end.reason });
  else if (processed === null) await rm(path, { force: true });
  else await setAside(path, { from, to: processed, reason: null });
}

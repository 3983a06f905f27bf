import { resolve } from "node:path";
import type { Connection } from "@axial/client";
import { ApiError, AxialClient } from "@axial/client";
import { shownItem } from "../files/file-name.ts";
import { type FolderMemory, type Found, walk } from "../files/walk.ts";
import { batches } from "./batches.ts";
import { closeStudies, type Unclosed } from "./close-studies.ts";
import type { Feed } from "./feed.ts";
import { type ItemState, TROUBLE } from "./item-outcome.ts";
import { Journal, type Tally } from "./journal.ts";
import { patienceWith } from "./patience.ts";
import { type Sender, sendBatch } from "./send-batch.ts";
import { sendProgress } from "./send-progress.ts";
import type { StoreOptions } from "./store-request.ts";

/** Requests under way at once: enough to hide the network, few enough to bound the memory. */
export const DEFAULT_PARALLEL = 4;
/** Names of each state that a summary lists; a report has them all. */
const LISTED = 20;
const LISTED_STATES: readonly ItemState[] = ["refused", "failed", "unreadable", "not-dicom"];
/** Studies that an answer names; the journal has them all. */
const LISTED_STUDIES = 10_000;

export interface SendOptions extends StoreOptions {
  readonly close: boolean;
  /** File of the journal; null keeps it in memory, for what is never continued. */
  readonly journal: string | null;
  readonly parallel?: number;
  readonly patienceSeconds?: number;
  /** Told of every study: the server starts them in its turn. */
  readonly feed?: Feed;
  /** Called with the journal before it is closed, and the studies that could not be closed. */
  readonly report?: (journal: Journal, unclosed: readonly Unclosed[]) => Promise<void>;
}

/** Files, folders and archives, or what finds the files. */
export type SendSource =
  | readonly (string | Buffer)[]
  | ((isNewFolder: FolderMemory) => AsyncIterable<Found>);

/** An item by name with the reason why it is not on the server. */
interface ListedItem {
  readonly name: string;
  readonly state: ItemState;
  readonly code: string | null;
}

/** What became of everything under some paths. */
export interface SentPaths {
  readonly studies: readonly string[];
  readonly studyCount: number;
  readonly items: Readonly<Record<ItemState, number>>;
  readonly tallies: readonly Tally[];
  /** The first of each state that deserves a look. */
  readonly listed: readonly ListedItem[];
  /** Studies that could not be closed, with the reason. */
  readonly unclosed: readonly Unclosed[];
  readonly wentOn: boolean;
  /** Something is on the server, and nothing is missing. */
  readonly complete: boolean;
}

/**
 * Sends every DICOM instance under `paths` that the server does not have and, on request, closes
 * their studies. A name whose encoding is not known is given as bytes. Rejects where no item would
 * fare better; the journal then has what was done.
 */
export async function sendPaths(
  connection: Connection,
  paths: SendSource,
  options: SendOptions,
): Promise<SentPaths> {
  const journal = new Journal(options.journal ?? ":memory:");
  const progress = sendProgress();
  if (journal.goesOn) progress.say("going on where the last transfer stopped");
  const sender: Sender = {
    client: new AxialClient(connection),
    store: options,
    patience: patienceWith(connection.url, {
      seconds: options.patienceSeconds,
      say: (line) => progress.say(line),
    }),
  };
  try {
    const { parallel, feed } = options;
    await sendAll(sender, { paths, journal, progress, parallel, feed });
    const unclosed = options.close ? await closeStudies(sender, journal) : [];
    const sent = summary(journal, unclosed);
    await options.report?.(journal, unclosed);
    if (sent.complete) journal.finish();
    return sent;
  } finally {
    progress.done();
    journal.close();
  }
}

interface Transfer {
  readonly paths: SendSource;
  readonly journal: Journal;
  readonly progress: ReturnType<typeof sendProgress>;
  readonly parallel: number | undefined;
  readonly feed: Feed | undefined;
}

/** Requests run side by side; each takes the next batch when its last one is done. */
async function sendAll(sender: Sender, transfer: Transfer): Promise<void> {
  const { paths, journal, progress, parallel = DEFAULT_PARALLEL, feed } = transfer;
  const found =
    typeof paths === "function" ? paths(journal.isNewFolder) : under(paths, journal.isNewFolder);
  const source = batches(found, journal);
  const stop = new AbortController();
  const work = async () => {
    try {
      while (!stop.signal.aborted) {
        const next = await source.next();
        if (next.done === true) return;
        await feed?.announce(next.value.send, sender.patience);
        const settled = await sendBatch(sender, next.value);
        await feed?.settled(settled, sender.patience);
        journal.record(settled);
        progress.add(settled);
      }
    } catch (error) {
      stop.abort();
      throw error;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: parallel }, work));
  const failed = ended.find((one) => one.status === "rejected");
  if (failed !== undefined) throw whyStopped(failed.reason);
}

async function* under(
  paths: readonly (string | Buffer)[],
  isNewFolder: FolderMemory,
): AsyncGenerator<Found> {
  for (const path of paths) {
    yield* walk(typeof path === "string" ? Buffer.from(resolve(path)) : path, isNewFolder);
  }
}

function whyStopped(error: unknown): Error {
  const reason = error instanceof Error ? error.message : String(error);
  if (error instanceof ApiError && error.status < 500) return error;
  return new Error(`${reason}; the same command goes on from here`, { cause: error });
}

function summary(journal: Journal, unclosed: SentPaths["unclosed"]): SentPaths {
  const tallies = journal.tallies();
  const count = (state: ItemState) =>
    tallies.reduce((sum, tally) => sum + (tally.state === state ? tally.items : 0), 0);
  const items = {
    new: count("new"),
    known: count("known"),
    refused: count("refused"),
    failed: count("failed"),
    unreadable: count("unreadable"),
    "not-dicom": count("not-dicom"),
    skipped: count("skipped"),
  };
  const studies: string[] = [];
  for (const uid of journal.studies()) {
    if (studies.push(uid) >= LISTED_STUDIES) break;
  }
  const troubled = TROUBLE.some((state) => items[state] > 0) || unclosed.length > 0;
  return {
    studies,
    studyCount: journal.studyCount(),
    items,
    tallies,
    listed: LISTED_STATES.flatMap((state) =>
      [...journal.items({ state, limit: LISTED })].map((item) => ({
        name: shownItem(item),
        state,
        code: item.code,
      })),
    ),
    unclosed,
    wentOn: journal.goesOn,
    complete: items.new + items.known > 0 && !troubled,
  };
}

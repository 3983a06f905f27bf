import { createHash, randomUUID } from "node:crypto";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { AxialClient, Connection } from "@axial/client";
import type { BackfillFilter, BackfillSummary } from "@axial/contracts";
import { feedOf } from "../send/feed.ts";
import { journalFile } from "../send/journal-file.ts";
import { type Patience, patienceWith } from "../send/patience.ts";
import { type SentPaths, sendPaths } from "../send/send-paths.ts";
import { writeSendReport } from "../send/send-report.ts";
import { nameStudies } from "./list-file/name-studies.ts";
import { type Selection, selectionOf } from "./selection.ts";

export interface StartOptions {
  readonly sources: readonly string[];
  readonly name: string;
  readonly models: readonly string[] | null;
  readonly filter: BackfillFilter;
  /** A source of the server (`axial source`) that it pulls from. */
  readonly from: string | null;
  readonly window: string | null;
  readonly rate: number | null;
  readonly report: string | null;
  readonly journal: string | null;
  readonly parallel?: number;
  readonly patienceSeconds?: number;
}

/** Resolves with true when the person at the terminal says yes. */
export async function confirmed(): Promise<boolean> {
  if (process.stdin.isTTY !== true) throw new Error("pass --yes to start without being asked");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return /^y(es)?$/i.test((await terminal.question("start? [y/N] ")).trim());
  } finally {
    terminal.close();
  }
}

interface Started {
  readonly backfill: BackfillSummary;
  /** Null where the client had no file to send. */
  readonly sent: SentPaths | null;
}

/**
 * Starts it, or goes on with the unfinished one of the same folders or list, and tells the server
 * what it cannot find itself: files are sent, studies of a list are named.
 */
export async function startBackfill(
  connection: Connection,
  client: AxialClient,
  options: StartOptions,
): Promise<Started> {
  const selection = await selectionOf(options);
  const { name, models, window, rate } = options;
  const patience = patienceOf(options);
  const wanted = {
    ...{ name, window, ratePerMinute: rate, ...sourceOf(selection, options) },
    ...(models === null ? {} : { models }),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
  };
  // A request whose answer was lost is repeated, and returns the backfill that it started.
  const once = { "idempotency-key": randomUUID() };
  const backfill = await patience.run(() =>
    client.post<BackfillSummary>("/api/v1/backfills", wanted, once),
  );
  switch (selection.kind) {
    case "stored":
    case "pulled":
      return { backfill, sent: null };
    case "named":
      if (!backfill.listed)
        await nameStudies(client, { id: backfill.id, list: selection.list, patience });
      return { backfill, sent: null };
    case "files": {
      const sent = await sendFiles(connection, client, { options, selection, id: backfill.id });
      await patience.run(() => client.post(`/api/v1/backfills/${backfill.id}/listed`));
      return { backfill, sent };
    }
  }
}

/** For requests that may be repeated: says on stderr when the server goes away, and when it is back. */
export function patienceOf({ patienceSeconds: seconds }: StartOptions): Patience {
  const say = (line: string) => void process.stderr.write(`axial: ${line}\n`);
  return patienceWith("the server", { seconds, say });
}

/** The source as the API takes it. */
function sourceOf(selection: Selection, { sources }: StartOptions): object {
  switch (selection.kind) {
    case "files":
      return { source: "sent", sourceKey: sourceKey(sources) };
    case "stored":
      return { source: "stored", filter: selection.filter };
    case "pulled":
      return { source: "pulled", filter: selection.filter, from: selection.from };
    case "named": {
      const { from } = selection;
      const source = from === null ? { source: "stored" } : { source: "pulled", from };
      return { ...source, manifest: true, sourceKey: sourceKey(sources) };
    }
  }
}

interface Sending {
  readonly options: StartOptions;
  readonly selection: Extract<Selection, { kind: "files" }>;
  readonly id: string;
}

function sendFiles(
  connection: Connection,
  client: AxialClient,
  { options, selection, id }: Sending,
): Promise<SentPaths> {
  const { report, parallel, patienceSeconds, models, sources } = options;
  return sendPaths(connection, selection.find, {
    lane: "backfill",
    models,
    // The server closes each study in its turn.
    close: false,
    journal: options.journal ?? journalFile(connection, sources),
    feed: feedOf(client, id),
    ...(parallel === undefined ? {} : { parallel }),
    ...(patienceSeconds === undefined ? {} : { patienceSeconds }),
    ...(report === null
      ? {}
      : { report: (journal, unclosed) => writeSendReport(report, journal, unclosed) }),
  });
}

/** The same folders are the same source; the server learns none of their names. */
function sourceKey(sources: readonly string[]): string {
  const paths = sources.map((path) => resolve(path)).toSorted();
  return createHash("sha256").update(paths.join("\0")).digest("hex").slice(0, 32);
}

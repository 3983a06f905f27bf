import { createHash } from "node:crypto";
import { resolve } from "node:path";
import { createInterface } from "node:readline/promises";
import type { AxialClient, Connection } from "@axial/client";
import type { BackfillEstimate, BackfillFilter, BackfillSummary } from "@axial/contracts";
import { listModelPackages, readManifest } from "@axial/inference";
import { feedOf } from "../send/feed.ts";
import { journalFile } from "../send/journal-file.ts";
import { type SentPaths, sendPaths } from "../send/send-paths.ts";
import { writeSendReport } from "../send/send-report.ts";
import { estimateFolder, type FolderEstimate } from "./folder-estimate.ts";

/** The source that is not a path: studies that Axial has. */
export const STORED = "stored";

export interface StartOptions {
  readonly sources: readonly string[];
  readonly name: string;
  readonly models: readonly string[] | null;
  readonly filter: BackfillFilter;
  /** A source of the server (`axial source`) that it pulls from. */
  readonly from: string | null;
  readonly window: string | null;
  readonly rate: number | null;
  readonly modelsFolder: string;
  readonly report: string | null;
  readonly journal: string | null;
  readonly parallel?: number;
  readonly patienceSeconds?: number;
}

type Estimate = BackfillEstimate | FolderEstimate;

/** What it would do. Throws for an empty selection. */
export async function estimateBackfill(
  client: AxialClient,
  options: StartOptions,
): Promise<Estimate> {
  const { sources, filter, models, from } = options;
  const estimate = isOnServer(options)
    ? await client.post<BackfillEstimate>("/api/v1/backfills/estimate", {
        filter,
        ...(models === null ? {} : { models }),
        ...(from === null ? {} : { from }),
      })
    : await estimateFolder(sources, await localModels(options));
  if (estimate.studies === 0) {
    const leftOut = "leftOut" in estimate ? estimate.leftOut : [];
    const why = leftOut.map(({ code, items }) => `${items} ${code}`).join(", ");
    throw new Error(`the selection is empty: there is nothing to run${why && ` (${why})`}`);
  }
  return estimate;
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

/** Starts it, or goes on with the unfinished one of the same folders, and sends what is to be sent. */
export async function startBackfill(
  connection: Connection,
  client: AxialClient,
  options: StartOptions,
): Promise<{ readonly backfill: BackfillSummary; readonly sent: SentPaths | null }> {
  const onServer = isOnServer(options);
  const { models, from } = options;
  const backfill = await client.post<BackfillSummary>("/api/v1/backfills", {
    name: options.name,
    source: from !== null ? "pulled" : onServer ? "stored" : "sent",
    ...(onServer ? { filter: options.filter } : { sourceKey: sourceKey(options.sources) }),
    ...(from === null ? {} : { from }),
    ...(models === null ? {} : { models }),
    window: options.window,
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    ratePerMinute: options.rate,
  });
  if (onServer) return { backfill, sent: null };
  const { report, parallel, patienceSeconds } = options;
  const sent = await sendPaths(connection, options.sources, {
    lane: "backfill",
    models,
    // The server closes each study in its turn.
    close: false,
    journal: options.journal ?? journalFile(connection.url, options.sources),
    feed: feedOf(client, backfill.id),
    ...(parallel === undefined ? {} : { parallel }),
    ...(patienceSeconds === undefined ? {} : { patienceSeconds }),
    ...(report === null ? {} : { report: (journal) => writeSendReport(report, journal) }),
  });
  await client.post(`/api/v1/backfills/${backfill.id}/listed`);
  return { backfill, sent };
}

/** The server finds the studies itself: the client has nothing to send. */
function isOnServer({ sources, from }: StartOptions): boolean {
  return from !== null || (sources.length === 1 && sources[0] === STORED);
}

/** The same folders are the same source; the server learns none of their names. */
function sourceKey(sources: readonly string[]): string {
  const paths = sources.map((path) => resolve(path)).toSorted();
  return createHash("sha256").update(paths.join("\0")).digest("hex").slice(0, 32);
}

/** Packages of this machine, whose rules the dry run of a folder tries. */
async function localModels({ modelsFolder, models }: StartOptions) {
  const folders = await listModelPackages(modelsFolder).catch(() => []);
  const manifests = await Promise.all(folders.map(readManifest));
  const newest = new Map<string, (typeof manifests)[number]>();
  for (const manifest of manifests) {
    const known = newest.get(manifest.id);
    const isNewer =
      known === undefined ||
      manifest.version.localeCompare(known.version, "en", { numeric: true }) > 0;
    if (isNewer) newest.set(manifest.id, manifest);
  }
  return [...newest.values()].filter(({ id, evidence, onRequest = false }) =>
    models === null ? evidence !== "synthetic" && !onRequest : models.includes(id),
  );
}

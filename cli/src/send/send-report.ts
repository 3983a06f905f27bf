import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { csvCell } from "../csv.ts";
import { shownItem } from "../files/file-name.ts";
import type { Unclosed } from "./close-studies.ts";
import type { Journal, JournalItem, JournalStudy } from "./journal.ts";

const COLUMNS = ["row", "name", "state", "code", "study", "instance", "bytes", "sha256"] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

/** The form of a report, by the end of its file's name. Throws for another one. */
export function reportFormat(file: string): "csv" | "ndjson" {
  if (file.endsWith(".csv")) return "csv";
  if (file.endsWith(".ndjson")) return "ndjson";
  throw new Error(`${file}: a report is a .csv or an .ndjson`);
}

/**
 * Writes every item of a transfer with its study and outcome, and then every study: a row in memory
 * at a time.
 */
export async function writeSendReport(
  file: string,
  journal: Journal,
  unclosed: readonly Unclosed[],
): Promise<void> {
  const format = reportFormat(file);
  const rows = Readable.from(lines(rowsOf(journal, unclosed), format));
  await pipeline(rows, createWriteStream(file, { mode: 0o600 }));
}

function* lines(rows: Iterable<Row>, format: "csv" | "ndjson"): Generator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\n`;
  for (const row of rows) {
    yield format === "csv"
      ? `${COLUMNS.map((column) => csvCell(row[column])).join(",")}\n`
      : `${JSON.stringify(row)}\n`;
  }
}

function* rowsOf(journal: Journal, unclosed: readonly Unclosed[]): Generator<Row> {
  for (const item of journal.items()) yield rowOf(item);
  const reasons = new Map(unclosed.map(({ study, code }) => [study, code]));
  for (const study of journal.studiesByItems()) yield rowOfStudy(study, reasons);
}

function rowOf(item: JournalItem): Row {
  const { state, code, study, instance, bytes, hash } = item;
  const name = shownItem(item);
  return { row: "file", name, state, code, study, instance, bytes, sha256: hash };
}

/** `not-stored` where the server took none of its instances, `unclosed` where it would not close it. */
function rowOfStudy(
  { study, bytes, stored, closed }: JournalStudy,
  reasons: ReadonlyMap<string, string>,
): Row {
  const code = reasons.get(study) ?? null;
  const open = code === null ? "open" : "unclosed";
  const state = stored ? (closed ? "closed" : open) : "not-stored";
  return { row: "study", name: null, state, code, study, instance: null, bytes, sha256: null };
}

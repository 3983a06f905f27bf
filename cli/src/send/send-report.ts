import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { csvCell } from "../csv.ts";
import { shownItem } from "../files/file-name.ts";
import type { Journal, JournalItem } from "./journal.ts";

const COLUMNS = ["name", "state", "code", "study", "instance", "bytes", "sha256"] as const;
type Row = Readonly<Record<(typeof COLUMNS)[number], string | number | null>>;

/** The form of a report, by the end of its file's name. Throws for another one. */
export function reportFormat(file: string): "csv" | "ndjson" {
  if (file.endsWith(".csv")) return "csv";
  if (file.endsWith(".ndjson")) return "ndjson";
  throw new Error(`${file}: a report is a .csv or an .ndjson`);
}

/** Writes every item of a transfer with its study and outcome; a row in memory at a time. */
export async function writeSendReport(file: string, journal: Journal): Promise<void> {
  const format = reportFormat(file);
  await pipeline(Readable.from(lines(journal, format)), createWriteStream(file, { mode: 0o600 }));
}

function* lines(journal: Journal, format: "csv" | "ndjson"): Generator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\n`;
  for (const item of journal.items()) {
    const row = rowOf(item);
    yield format === "csv"
      ? `${COLUMNS.map((column) => csvCell(row[column])).join(",")}\n`
      : `${JSON.stringify(row)}\n`;
  }
}

function rowOf(item: JournalItem): Row {
  const { state, code, study, instance, bytes, hash } = item;
  return { name: shownItem(item), state, code, study, instance, bytes, sha256: hash };
}

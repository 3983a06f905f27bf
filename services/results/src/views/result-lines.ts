import type { ResultItem } from "./result-item.ts";

const COLUMNS = [
  "study",
  "series",
  "model",
  "version",
  "sha256",
  "evidence",
  "label",
  "display",
  "probability",
  "provider",
  "run",
  "current",
  "createdAt",
  "statement",
  "inDomain",
  "domainDistance",
  "arm",
] as const satisfies readonly (keyof ResultItem)[];

/** Pages of results as text, one chunk per page: NDJSON, or CSV (RFC 4180) with a header. */
export async function* resultLines(
  format: "ndjson" | "csv",
  pages: AsyncIterable<readonly ResultItem[]>,
): AsyncGenerator<string> {
  if (format === "csv") yield `${COLUMNS.join(",")}\r\n`;
  for await (const page of pages) {
    const lines = page.map((item) => (format === "csv" ? csvLine(item) : ndjsonLine(item)));
    if (lines.length > 0) yield lines.join("");
  }
}

function ndjsonLine(item: ResultItem): string {
  return `${JSON.stringify(item)}\n`;
}

function csvLine(item: ResultItem): string {
  return `${COLUMNS.map((column) => csvCell(item[column])).join(",")}\r\n`;
}

/** Quoted where needed; what a spreadsheet would run as a formula is led by an apostrophe. */
function csvCell(value: string | number | boolean | null): string {
  if (value === null) return "";
  const text = typeof value === "string" && /^[=+\-@\t\r]/.test(value) ? `'${value}` : `${value}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

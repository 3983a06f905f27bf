import cliProgress from "cli-progress";

/** Rows as columns of text, each as wide as its widest cell. */
export function table(rows: readonly Readonly<Record<string, string>>[]): string {
  const [first] = rows;
  if (first === undefined) return "(nothing)";
  const columns = Object.keys(first);
  const width = (column: string) =>
    Math.max(column.length, ...rows.map((row) => (row[column] ?? "").length));
  const widths = new Map(columns.map((column) => [column, width(column)]));
  const line = (cell: (column: string) => string) =>
    columns
      .map((column) => cell(column).padEnd(widths.get(column) ?? 0))
      .join("  ")
      .trimEnd();
  return [
    line((column) => column),
    line((column) => "─".repeat(widths.get(column) ?? 0)),
    ...rows.map((row) => line((column) => row[column] ?? "")),
  ].join("\n");
}

/** Progress of long work: a bar when stderr is a terminal, nothing otherwise. */
export interface Progress {
  advance(by: number): void;
  done(): void;
}

export function progressBar(what: string, total: number): Progress {
  if (process.stderr.isTTY !== true) return { advance: () => {}, done: () => {} };
  const bar = new cliProgress.SingleBar({
    format: `${what} {bar} {percentage}% | {value}/{total} | {eta_formatted} left`,
    stream: process.stderr,
    barsize: 30,
  });
  bar.start(total, 0);
  return { advance: (by) => bar.increment(by), done: () => bar.stop() };
}

/** The one JSON document of a command's `--json`. */
export function printJson(value: unknown): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}

export function printLine(line: string): void {
  process.stdout.write(`${line}\n`);
}

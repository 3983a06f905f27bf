/** A quoted cell may have lines of its own; longer ones are a quote that was left open. */
const MAX_ROW = 1 << 16;
/** A quoted or a plain cell, and what ends it. */
const CELL = /(?:"((?:[^"]|"")*)"|([^,]*))(,|$)/g;

/** Rows of a CSV file (RFC 4180), read as they are asked for, each with the line it begins on. */
export async function* csvCells(
  lines: AsyncIterable<string>,
): AsyncGenerator<{ readonly line: number; readonly cells: readonly string[] }> {
  let [line, begun, row] = [0, 1, ""];
  for await (const text of lines) {
    line += 1;
    if (row === "") begun = line;
    row = row === "" ? text : `${row}\n${text}`;
    if (isOpen(row) && row.length < MAX_ROW) continue;
    yield { line: begun, cells: cellsOf(row) };
    row = "";
  }
  if (row !== "") yield { line: begun, cells: cellsOf(row) };
}

/** Whether a quote is still to be closed. */
function isOpen(row: string): boolean {
  return row.split('"').length % 2 === 0;
}

function cellsOf(row: string): string[] {
  const cells: string[] = [];
  for (const [, quoted, plain = "", end] of row.matchAll(CELL)) {
    cells.push(quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'));
    if (end === "") break;
  }
  return cells;
}

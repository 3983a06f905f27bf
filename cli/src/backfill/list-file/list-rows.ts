import { createReadStream } from "node:fs";
import { dirname, resolve } from "node:path";
import { createInterface } from "node:readline";
import { joinName } from "../../files/file-name.ts";
import { csvCells } from "./csv-cells.ts";

/** What a line of a list names. */
export type ListRow =
  | { readonly kind: "path"; readonly path: Buffer }
  | { readonly kind: "url"; readonly url: URL }
  | { readonly kind: "study"; readonly study: string };

const KINDS = ["path", "url", "study"] as const;
type Named = Readonly<Partial<Record<(typeof KINDS)[number], Buffer>>>;

/** A Study Instance UID (PS3.5 9.1). */
const UID = /^(?=.{1,64}$)(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+$/;
const BYTE_ORDER_MARK = /^\xef\xbb\xbf/;

/** True for the names that a list has. */
export function isListFile(path: string): boolean {
  return /\.(csv|ndjson)$/i.test(path);
}

/**
 * The rows of a list, read as they are asked for: a CSV file with a column `path`, `url` or
 * `study`, or a JSON object a line with one of these. Paths are bytes, from the list's folder.
 * Throws for a row of any other form, and names its line.
 */
export async function* listRows(file: string): AsyncGenerator<ListRow> {
  // Each byte a character: a path may be in any encoding.
  const lines = createInterface({
    input: createReadStream(file, { encoding: "latin1" }),
    crlfDelay: Number.POSITIVE_INFINITY,
  });
  const folder = Buffer.from(dirname(resolve(file)));
  const named = /\.csv$/i.test(file) ? fromCsv(lines) : fromJson(lines);
  let line = 0;
  try {
    for await (const row of named) {
      line = row.line;
      if (row.names !== null) yield rowOf(row.names, folder);
    }
  } catch (error) {
    if (error instanceof RowError)
      throw new Error(`${file}: line ${error.line ?? line}: ${error.message}`);
    throw error;
  }
}

class RowError extends Error {
  readonly line: number | null;

  constructor(message: string, line: number | null = null) {
    super(message);
    this.line = line;
  }
}

interface NamedRow {
  readonly line: number;
  /** Null for an empty line. */
  readonly names: Named | null;
}

async function* fromCsv(lines: AsyncIterable<string>): AsyncGenerator<NamedRow> {
  let header: string[] | null = null;
  for await (const { line, cells } of csvCells(lines)) {
    if (header === null) {
      header = cells.map((cell) => cell.replace(BYTE_ORDER_MARK, "").trim().toLowerCase());
      if (!KINDS.some((kind) => header?.includes(kind))) {
        throw new RowError(`a list has a column ${KINDS.join(", ")}`, line);
      }
      continue;
    }
    const names = Object.fromEntries(
      KINDS.flatMap((kind) => {
        const cell = cells[header?.indexOf(kind) ?? -1] ?? "";
        return cell === "" ? [] : [[kind, Buffer.from(cell, "latin1")]];
      }),
    );
    yield { line, names: cells.every((cell) => cell === "") ? null : names };
  }
}

async function* fromJson(lines: AsyncIterable<string>): AsyncGenerator<NamedRow> {
  let line = 0;
  for await (const text of lines) {
    line += 1;
    const bytes = Buffer.from(text.replace(BYTE_ORDER_MARK, ""), "latin1");
    yield { line, names: text.trim() === "" ? null : namesOf(bytes, line) };
  }
}

const utf8 = new TextDecoder("utf-8", { fatal: true });

/** JSON is UTF-8; where it is not, its bytes are taken as they are. */
function namesOf(bytes: Buffer, line: number): Named {
  const [text, encoding] = decoded(bytes);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new RowError("not JSON", line);
  }
  const entries = Object.entries(typeof value === "object" && value !== null ? value : {});
  return Object.fromEntries(
    entries.flatMap(([name, cell]) =>
      KINDS.some((kind) => kind === name) && typeof cell === "string" && cell !== ""
        ? [[name, Buffer.from(cell, encoding)]]
        : [],
    ),
  );
}

function decoded(bytes: Buffer): readonly [string, BufferEncoding] {
  try {
    return [utf8.decode(bytes), "utf8"];
  } catch {
    return [bytes.toString("latin1"), "latin1"];
  }
}

function rowOf({ path, url, study }: Named, folder: Buffer): ListRow {
  const given = [path, url, study].filter((one) => one !== undefined);
  if (given.length !== 1) throw new RowError("it names one path, one url or one study");
  if (path !== undefined) {
    return { kind: "path", path: path[0] === 0x2f ? path : joinName(folder, path) };
  }
  if (url !== undefined) return { kind: "url", url: addressOf(url.toString()) };
  const uid = study?.toString().trim() ?? "";
  if (!UID.test(uid)) throw new RowError("study is not a Study Instance UID");
  return { kind: "study", study: uid };
}

function addressOf(text: string): URL {
  const url = URL.parse(text.trim());
  if (url?.protocol === "http:" || url?.protocol === "https:") return url;
  throw new RowError("url is not an address of http or https");
}

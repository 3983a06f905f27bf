import { type FolderMemory, type Found, walk } from "../../files/walk.ts";
import { type ListRow, listRows } from "./list-rows.ts";

/** What a list names: files for the client to send, or studies that the server finds. */
export type ListKind = "files" | "studies";

/** By the first row. Throws for an empty list. */
export async function kindOfList(file: string): Promise<ListKind> {
  for await (const row of listRows(file)) return kindOf(row);
  throw new Error(`${file} is empty: there is nothing to run`);
}

/** Every file that a list names: what is under its paths, and what is at its addresses. */
export async function* filesOf(file: string, isNewFolder: FolderMemory): AsyncGenerator<Found> {
  for await (const row of listRows(file)) {
    switch (row.kind) {
      case "path":
        yield* walk(row.path, isNewFolder);
        break;
      case "url":
        yield { status: "url", path: shown(row.url), url: row.url };
        break;
      case "study":
        throw mixed(file);
    }
  }
}

/** Every study that a list names, `size` at a time. */
export async function* studiesOf(file: string, size: number): AsyncGenerator<string[]> {
  let studies: string[] = [];
  for await (const row of listRows(file)) {
    if (row.kind !== "study") throw mixed(file);
    studies.push(row.study);
    if (studies.length < size) continue;
    yield studies;
    studies = [];
  }
  if (studies.length > 0) yield studies;
}

function kindOf({ kind }: ListRow): ListKind {
  return kind === "study" ? "studies" : "files";
}

function mixed(file: string): Error {
  return new Error(`${file} names files and studies: make two lists of it`);
}

/** Without a password, for journal and report. */
function shown(url: URL): Buffer {
  const open = new URL(url);
  open.username = "";
  open.password = "";
  return Buffer.from(open.href);
}

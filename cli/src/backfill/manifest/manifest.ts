import { type FolderMemory, type Found, walk } from "../../files/walk.ts";
import { type ManifestRow, manifestRows } from "./manifest-rows.ts";

/** What a manifest names: files for the client to send, or studies that the server finds. */
export type ManifestKind = "files" | "studies";

/** By the first row. Throws for an empty manifest. */
export async function kindOfManifest(file: string): Promise<ManifestKind> {
  for await (const row of manifestRows(file)) return kindOf(row);
  throw new Error(`${file} is empty: there is nothing to run`);
}

/** Every file that a manifest names: what is under its paths, and what is at its addresses. */
export async function* filesOf(file: string, isNewFolder: FolderMemory): AsyncGenerator<Found> {
  for await (const row of manifestRows(file)) {
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

/** Every study that a manifest names, `size` at a time. */
export async function* studiesOf(file: string, size: number): AsyncGenerator<string[]> {
  let studies: string[] = [];
  for await (const row of manifestRows(file)) {
    if (row.kind !== "study") throw mixed(file);
    studies.push(row.study);
    if (studies.length < size) continue;
    yield studies;
    studies = [];
  }
  if (studies.length > 0) yield studies;
}

function kindOf({ kind }: ManifestRow): ManifestKind {
  return kind === "study" ? "studies" : "files";
}

function mixed(file: string): Error {
  return new Error(`${file} names files and studies: make two manifests of it`);
}

/** Without a password, for journal and report. */
function shown(url: URL): Buffer {
  const open = new URL(url);
  open.username = "";
  open.password = "";
  return Buffer.from(open.href);
}

import type { BigIntStats } from "node:fs";
import { lstat, opendir, stat } from "node:fs/promises";
import { joinName } from "./file-name.ts";
import { codeOfFileError, type LeftOutCode } from "./left-out.ts";

/** Folders inside folders. The longest path that Linux takes has room for 2,048. */
const MAX_DEPTH = 256;

/** What a walk finds, or an address to fetch a file from; `path` is then that without its password. */
export type Found = Walked | { readonly status: "url"; readonly path: Buffer; readonly url: URL };

/** A file to read, or an entry that was left out, with the reason. */
type Walked =
  | { readonly status: "file"; readonly path: Buffer; readonly stats: FileStats }
  | { readonly status: "left-out"; readonly path: Buffer; readonly code: LeftOutCode };

/** Size in bytes and time of the last change in milliseconds: together they tell a changed file. */
export interface FileStats {
  readonly bytes: number;
  readonly modifiedMs: number;
}

/** Says once for each folder, by device and inode, that it is new. */
export type FolderMemory = (device: bigint, inode: bigint) => boolean;

/** A memory in this process; a million folders take about 100 MB. */
export function folderMemory(): FolderMemory {
  const seen = new Set<string>();
  return (device, inode) => {
    const key = `${device}/${inode}`;
    return !seen.has(key) && seen.add(key).has(key);
  };
}

/**
 * Every file under `root`, in the order of the disk, without holding a list of them. Links are
 * followed; a folder is read once, however many links lead to it. Never rejects for one item: what
 * cannot be read is left out with the reason.
 */
export async function* walk(root: Buffer, isNewFolder: FolderMemory): AsyncGenerator<Walked> {
  yield* visit(root, { depth: 0, isNewFolder });
}

interface Visit {
  readonly depth: number;
  readonly isNewFolder: FolderMemory;
}

async function* visit(path: Buffer, at: Visit): AsyncGenerator<Walked> {
  const stats = await statsOf(path);
  if (typeof stats === "string") yield { status: "left-out", path, code: stats };
  else if (stats.isFile()) {
    const { size, mtimeNs } = stats;
    const modifiedMs = Number(mtimeNs / 1_000n) / 1_000;
    yield { status: "file", path, stats: { bytes: Number(size), modifiedMs } };
  } else if (!stats.isDirectory()) yield { status: "left-out", path, code: "no-file" };
  else if (!at.isNewFolder(stats.dev, stats.ino)) {
    yield { status: "left-out", path, code: "already-read" };
  } else if (at.depth >= MAX_DEPTH) yield { status: "left-out", path, code: "too-deep" };
  else yield* children(path, at);
}

async function statsOf(path: Buffer): Promise<BigIntStats | LeftOutCode> {
  try {
    return await stat(path, { bigint: true });
  } catch (error) {
    const code = codeOfFileError(error);
    const isLink = await lstat(path).then(
      (own) => own.isSymbolicLink(),
      () => false,
    );
    return code === "missing" && isLink ? "broken-link" : code;
  }
}

async function* children(path: Buffer, { depth, isNewFolder }: Visit): AsyncGenerator<Walked> {
  try {
    // Node's types know only text; with `encoding: "buffer"` the names are bytes.
    const folder = await opendir(path, { encoding: "buffer" as BufferEncoding });
    for await (const { name } of folder) {
      const child = joinName(path, Buffer.from(name));
      yield* visit(child, { depth: depth + 1, isNewFolder });
    }
  } catch (error) {
    yield { status: "left-out", path, code: codeOfFileError(error) };
  }
}

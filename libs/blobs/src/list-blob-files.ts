import { opendir, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { isBlobKey } from "./blob-path.ts";
import type { BlobEntry } from "./blob-store.ts";

/**
 * Every blob under `root`, or of one of its outer folders, folder by folder; files that vanish
 * meanwhile are skipped.
 */
export async function* listBlobFiles(root: string, shard?: string): AsyncGenerator<BlobEntry> {
  for (const outer of shard === undefined ? await foldersIn(root) : [shard]) {
    for (const inner of await foldersIn(join(root, outer))) {
      yield* listFolder(join(root, outer, inner));
    }
  }
}

async function* listFolder(folder: string): AsyncGenerator<BlobEntry> {
  for await (const entry of await opendir(folder)) {
    if (!isBlobKey(entry.name)) continue;
    const found = await stat(join(folder, entry.name)).catch(() => undefined);
    if (found !== undefined) yield { key: entry.name, bytes: found.size, modifiedAt: found.mtime };
  }
}

async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

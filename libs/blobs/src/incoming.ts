import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { BlobKey } from "@axial/contracts";
import { isBlobKey } from "./blob-path.ts";

/** An incomplete file older than this was left by a dead writer. */
const ABANDONED_MS = 3_600_000;

/** Where blobs are written before they are moved to their place. */
export function incomingFolder(root: string): string {
  return join(root, "incoming");
}

/** A name for a new file in it. */
export function incomingPath(root: string, name: string): string {
  return join(incomingFolder(root), `${name}-${randomBytes(6).toString("hex")}`);
}

/**
 * Moves files that a power cut left between folders to their places. Their names prove nothing, so
 * their bytes are hashed; files that other processes are writing are left alone.
 */
export async function recoverIncoming(
  root: string,
  folderOf: (key: BlobKey) => Promise<string>,
): Promise<void> {
  for (const name of await readdir(incomingFolder(root))) {
    const path = join(incomingFolder(root), name);
    const claimed = name.split("-")[0] ?? "";
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) continue;
    if (isBlobKey(claimed) && (await hashFile(path).catch(() => "")) === claimed) {
      await rename(path, join(await folderOf(claimed), claimed)).catch(ignoreAbsence);
    } else if (Date.now() - found.mtimeMs > ABANDONED_MS) {
      await rm(path, { force: true });
    }
  }
}

async function hashFile(path: string): Promise<string> {
  const digest = createHash("sha256");
  for await (const chunk of createReadStream(path)) digest.update(chunk);
  return digest.digest("hex");
}

/** Its writer, or another process that recovers, moved it meanwhile. */
function ignoreAbsence(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}

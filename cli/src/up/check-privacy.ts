import { lstat, opendir, stat } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN_KEY_FILE } from "../client/connection.ts";
import { PRIVATE_MODE } from "./private-folder.ts";

/** What a data folder holds, and the rights that others may have to it. */
const PRIVATE: readonly (readonly [name: string, mode: number])[] = [
  [".", PRIVATE_MODE],
  [ADMIN_KEY_FILE, 0o600],
  ["outcome-key", 0o600],
  ["postgres.password", 0o600],
];
const BLOBS = "blobs";
/** Rights of group and others. */
const OTHERS = 0o077;
/** Files and folders that are looked at below one; the first thousands tell how it was made. */
const MAX_LOOKED_AT = 20_000;
/** Named of them; one `chmod -R` mends all. */
const MAX_NAMED = 5;

/** What of a data folder other users of the machine may read, list or write. */
export async function openToOthers(data: string): Promise<string[]> {
  const found = await Promise.all(
    PRIVATE.map(async ([name, mode]) => {
      const path = join(data, name);
      const rights = (await stat(path).catch(() => null))?.mode ?? 0;
      return (rights & OTHERS & ~mode) === 0 ? [] : [path];
    }),
  );
  return [...found.flat(), ...(await openBelow(join(data, BLOBS)))];
}

/**
 * A folder and what of the files below it other users may read, list or write: a few of them. A
 * folder that they may not enter keeps what is below it. Empty for a folder that is not there.
 */
export async function openBelow(folder: string): Promise<string[]> {
  const top = await stat(folder).catch(() => null);
  if (top === null || (top.mode & OTHERS) === 0) return [];
  const open = [folder];
  let lookedAt = 0;
  const waiting = [folder];
  while (waiting.length > 0) {
    for await (const entry of await opendir(waiting.pop() ?? folder)) {
      const path = join(entry.parentPath, entry.name);
      const { mode } = await lstat(path);
      lookedAt += 1;
      if (open.length >= MAX_NAMED || lookedAt >= MAX_LOOKED_AT) return open;
      if (entry.isSymbolicLink() || (mode & OTHERS) === 0) continue;
      open.push(path);
      if (entry.isDirectory()) waiting.push(path);
    }
  }
  return open;
}

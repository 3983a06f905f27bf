import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ADMIN_KEY_FILE } from "../client/connection.ts";
import { PRIVATE_MODE } from "./private-folder.ts";

/** What a data folder holds, and the rights that others may have to it. */
const PRIVATE: readonly (readonly [name: string, mode: number])[] = [
  [".", PRIVATE_MODE],
  ["blobs", 0o700],
  [ADMIN_KEY_FILE, 0o600],
  ["postgres.password", 0o600],
];

/** What of a data folder other users of the machine may read, list or write. */
export async function openToOthers(data: string): Promise<string[]> {
  const found = await Promise.all(
    PRIVATE.map(async ([name, mode]) => {
      const path = join(data, name);
      const rights = (await stat(path).catch(() => null))?.mode ?? 0;
      return (rights & 0o077 & ~mode) === 0 ? [] : [path];
    }),
  );
  return found.flat();
}

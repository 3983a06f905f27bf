import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";

/** Where the journal of a command lies: the same server and paths, the same file. */
export function journalFile(url: string, paths: readonly string[]): string {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state");
  const words = [url, ...paths.map((path) => resolve(path)).toSorted()];
  const digest = createHash("sha256").update(words.join("\0")).digest("hex").slice(0, 16);
  return join(state, "axial", `send-${digest}.journal`);
}

import { createHash } from "node:crypto";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import type { Connection } from "@axial/client";

/** Where the journal of a command lies: the same server, tenant and paths, the same file. */
export function journalFile({ url, tenant }: Connection, paths: readonly string[]): string {
  const state = process.env.XDG_STATE_HOME ?? join(homedir(), ".local", "state");
  const whose = tenant === undefined ? [] : [`tenant ${tenant}`];
  const words = [url, ...whose, ...paths.map((path) => resolve(path)).toSorted()];
  const digest = createHash("sha256").update(words.join("\0")).digest("hex").slice(0, 16);
  return join(state, "axial", `send-${digest}.journal`);
}

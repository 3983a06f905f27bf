import { randomBytes } from "node:crypto";
import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A folder for the logs and data of a run. */
export async function newFolder(prefix: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), prefix));
  // Postgres runs as another user when root runs this, and must reach its folder.
  await chmod(folder, 0o755);
  await mkdir(join(folder, "logs"));
  return folder;
}

export function newAdminKey(): string {
  return `axial_chaos_${randomBytes(16).toString("hex")}`;
}

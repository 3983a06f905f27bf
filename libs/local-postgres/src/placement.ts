import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { chown, cp, mkdir, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { nativeFolder } from "./binaries.ts";

/** PostgreSQL refuses to run as root; `nobody` is on every Linux. */
const NOBODY = 65_534;
/** Where root's server goes when `nobody` cannot reach the folder that was asked for. */
const SYSTEM_FOLDER = "/var/lib/axial";

/** Where a server's programs and data are, and as whom it runs. */
export interface Placement {
  readonly native: string;
  readonly folder: string;
  /** Undefined means as the current user. */
  readonly user: { readonly uid: number; readonly gid: number } | undefined;
}

/**
 * For an ordinary user: the folder asked for. For root the server runs as `nobody`, which must be
 * able to reach programs and data; where it cannot (a clone under /root), both go to a folder
 * under /var/lib/axial that is named after the one asked for.
 */
export async function place(wanted: string): Promise<Placement> {
  const native = await nativeFolder();
  const folder = resolve(wanted);
  if (process.getuid?.() !== 0) {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    return { native, folder, user: undefined };
  }
  const user = { uid: NOBODY, gid: NOBODY };
  // First the parents, which the user `nobody` must be able to traverse; the folder is the
  // server's.
  await mkdir(dirname(folder), { recursive: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await isReachable(native)) && (await isReachable(dirname(folder)))) {
    await chown(folder, NOBODY, NOBODY);
    return { native, folder, user };
  }
  return { ...(await moveToSystemFolder(native, folder)), user };
}

async function moveToSystemFolder(native: string, wanted: string) {
  const name = createHash("sha256").update(wanted).digest("hex").slice(0, 12);
  const folder = join(SYSTEM_FOLDER, name, "postgres");
  await mkdir(folder, { recursive: true, mode: 0o755 });
  await chown(folder, NOBODY, NOBODY);
  const copied = join(SYSTEM_FOLDER, name, "native");
  if (!existsSync(join(copied, "bin", "postgres"))) {
    await cp(native, copied, { recursive: true, verbatimSymlinks: true });
  }
  return { native: copied, folder };
}

/** True when every folder on the way is traversable by any user. */
async function isReachable(path: string): Promise<boolean> {
  for (let folder = resolve(path); ; folder = dirname(folder)) {
    if (((await stat(folder)).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}

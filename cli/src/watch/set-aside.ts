import { constants } from "node:fs";
import { copyFile, mkdir, rename, stat, unlink, writeFile } from "node:fs/promises";
import { joinName } from "../files/file-name.ts";

interface Aside {
  /** The watched folder; the file keeps its place below it. */
  readonly from: string;
  readonly to: string;
  /** Written beside the file, so that a person sees why it is there; null for none. */
  readonly reason: string | null;
}

/** Names that are tried for a file whose own is taken. */
const MAX_SUFFIX = 10_000;

/**
 * Moves a file that is done with into another folder, never over another file. A file that is gone
 * is left alone. Rejects when it cannot be moved.
 */
export async function setAside(path: Buffer, { from, to, reason }: Aside): Promise<void> {
  const below = path.subarray(Buffer.byteLength(from) + 1);
  const target = await freeName(joinName(Buffer.from(to), below));
  await mkdir(target.subarray(0, target.lastIndexOf("/")), { recursive: true });
  try {
    await move(path, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return;
    throw error;
  }
  if (reason !== null) {
    await writeFile(Buffer.concat([target, Buffer.from(".reason.txt")]), `${reason}\n`);
  }
}

async function freeName(wanted: Buffer): Promise<Buffer> {
  for (let suffix = 0; suffix < MAX_SUFFIX; suffix += 1) {
    const name = suffix === 0 ? wanted : Buffer.concat([wanted, Buffer.from(`.${suffix}`)]);
    const isTaken = await stat(name).then(
      () => true,
      () => false,
    );
    if (!isTaken) return name;
  }
  throw new Error("too many files of one name were set aside");
}

/** A rename, or a copy where the folder is on another volume. */
async function move(path: Buffer, target: Buffer): Promise<void> {
  try {
    await rename(path, target);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EXDEV") throw error;
    await copyFile(path, target, constants.COPYFILE_EXCL);
    await unlink(path);
  }
}

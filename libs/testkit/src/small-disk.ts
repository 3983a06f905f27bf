import { execFile } from "node:child_process";
import { mkdir, statfs } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";
import { eventually } from "./eventually.ts";

const run = promisify(execFile);

/** Room for an hour's blobs; memory is taken only for what is written. */
const SIZE_BYTES = 2 ** 31;
const FILLED_WITHIN_MS = 30_000;

/** A folder on a disk of its own that can be made full, where this user may mount one. */
export interface SmallDisk {
  readonly folder: string;
  /** Why the disk cannot be made full, or null. */
  readonly skip: string | null;
  /** Leaves room for this many bytes (whole pages), by default none. */
  fill(freeBytes?: number): Promise<unknown>;
  /** Frees the space. */
  relieve(): Promise<void>;
  close(): Promise<void>;
}

export async function openSmallDisk(folder: string): Promise<SmallDisk> {
  await mkdir(folder, { recursive: true });
  const resize = (bytes: number) => run("mount", ["-o", `remount,size=${bytes}`, folder]);
  const mounted = await mount(folder);
  const plain = async () => {};
  if (mounted !== null) return { folder, skip: mounted, fill: plain, relieve: plain, close: plain };
  return {
    folder,
    skip: null,
    fill: (freeBytes = 0) =>
      eventually("the disk is full", () => shrink(folder, freeBytes, resize), FILLED_WITHIN_MS),
    relieve: async () => void (await resize(SIZE_BYTES)),
    close: async () => void (await run("umount", ["--lazy", folder])),
  };
}

/** False when something was written while it was measured: a disk cannot become that small. */
async function shrink(
  folder: string,
  freeBytes: number,
  resize: (bytes: number) => Promise<unknown>,
): Promise<boolean> {
  const { blocks, bfree, bsize } = await statfs(folder);
  return resize((blocks - bfree) * bsize + freeBytes).then(
    () => true,
    () => false,
  );
}

/** Mounts a file system in memory. Returns the reason when that is not possible. */
async function mount(folder: string): Promise<string | null> {
  if (platform() !== "linux") return "only Linux can mount a size-limited disk";
  if (process.getuid?.() !== 0) return "only root may mount a size-limited disk";
  try {
    await run("mount", ["-t", "tmpfs", "-o", `size=${SIZE_BYTES}`, "axial-test", folder]);
    return null;
  } catch {
    return "this machine does not allow mounting a disk";
  }
}

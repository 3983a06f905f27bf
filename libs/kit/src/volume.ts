import { statfs } from "node:fs/promises";
import { dirname } from "node:path";

/** Bytes of the file system that a folder is on, without the blocks reserved for root. */
export interface Volume {
  /** What is used and what is free: `df` takes its share of this. */
  readonly size: number;
  /** What a process without privileges may still write. */
  readonly free: number;
}

/**
 * The volume of a folder, as `df` counts it: the used share is used / (used + available). A folder
 * that is still to be made will be on the volume of the one above it.
 */
export async function readVolume(folder: string): Promise<Volume> {
  try {
    const { blocks, bfree, bavail, bsize } = await statfs(folder);
    return { size: (blocks - bfree + bavail) * bsize, free: bavail * bsize };
  } catch (error) {
    const above = dirname(folder);
    if ((error as NodeJS.ErrnoException).code !== "ENOENT" || above === folder) throw error;
    return readVolume(above);
  }
}

import { statfs } from "node:fs/promises";

/** Bytes of the file system that a folder is on. */
export interface Volume {
  readonly size: number;
  /** What a process without privileges may still write. */
  readonly free: number;
}

export async function readVolume(folder: string): Promise<Volume> {
  const { blocks, bavail, bsize } = await statfs(folder);
  return { size: blocks * bsize, free: bavail * bsize };
}

import { open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";

export interface SendableFile {
  readonly path: string;
  readonly bytes: number;
}

/** "DICM" at offset 128 (PS3.10 §7.1). */
const PREAMBLE_LENGTH = 128;

/** The DICOM files under `paths`, in the order of their names; other files are left out. */
export async function findDicomFiles(
  paths: readonly string[],
): Promise<{ files: SendableFile[]; leftOut: number }> {
  const files: SendableFile[] = [];
  let leftOut = 0;
  for (const path of paths) {
    for (const candidate of await walk(path)) {
      if (await isDicom(candidate)) {
        files.push({ path: candidate, bytes: (await stat(candidate)).size });
      } else {
        leftOut += 1;
      }
    }
  }
  return { files, leftOut };
}

async function walk(path: string): Promise<string[]> {
  if (!(await stat(path)).isDirectory()) return [path];
  const entries = await readdir(path, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
}

async function isDicom(path: string): Promise<boolean> {
  const file = await open(path);
  try {
    const { bytesRead, buffer } = await file.read(Buffer.alloc(4), 0, 4, PREAMBLE_LENGTH);
    return bytesRead === 4 && buffer.toString("latin1") === "DICM";
  } finally {
    await file.close();
  }
}

/** Requests of at most this size: small enough to repeat, large enough to share their syncs. */
const MAX_REQUEST_BYTES = 32 << 20;
const MAX_REQUEST_FILES = 128;

/** `files` in groups that each make one request. */
export function intoRequests(files: readonly SendableFile[]): SendableFile[][] {
  const requests: SendableFile[][] = [];
  let current: SendableFile[] = [];
  let bytes = 0;
  for (const file of files) {
    const full = bytes + file.bytes > MAX_REQUEST_BYTES || current.length >= MAX_REQUEST_FILES;
    if (full && current.length > 0) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(file);
    bytes += file.bytes;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}

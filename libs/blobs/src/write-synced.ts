import { createHash } from "node:crypto";
import { closeSync, constants, fsync, ftruncate, open, write } from "node:fs";
import { type FileHandle, open as openHandle } from "node:fs/promises";
import { promisify } from "node:util";
import { AxialError, type BlobKey } from "@axial/contracts";
import { wholeBlocks } from "./aligned-memory.ts";
import { PRIVATE_FILE } from "./private-files.ts";

const [openFile, writeFile, truncateFile, syncFile] = [
  promisify(open),
  promisify(write),
  promisify(ftruncate),
  promisify(fsync),
];

const NEW_FILE = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL;
/** Not on every system; 0 then. */
const PAST_PAGE_CACHE = constants.O_DIRECT ?? 0;
/** Below this the page cache costs less than cutting off the last block. */
const MIN_DIRECT_BYTES = 65_536;

/** Some file systems refuse direct writes with EINVAL; this process then stops trying. */
let direct = PAST_PAGE_CACHE !== 0;

/**
 * Writes a new file; its bytes are on the disk when it resolves, its name may not be. On bare
 * descriptors: at a thousand files a second the objects of `fs/promises` cost a tenth of a core.
 * Large bytes in aligned memory go past the page cache, which saves a copy and the pages for it.
 */
export async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const blocks = direct && bytes.byteLength >= MIN_DIRECT_BYTES ? wholeBlocks(bytes) : null;
  if (blocks === null) return writeCached(path, bytes);
  try {
    await writeDirect(path, blocks, bytes.byteLength);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EINVAL") throw error;
    direct = false;
    await writeCached(path, bytes, "w");
  }
}

async function writeCached(path: string, bytes: Uint8Array, flags = "wx"): Promise<void> {
  const descriptor = await openFile(path, flags, PRIVATE_FILE);
  try {
    await writeWhole(descriptor, bytes);
    await syncFile(descriptor);
  } finally {
    // Nothing is left to write: a trip to another thread would cost more.
    closeSync(descriptor);
  }
}

/** Writes whole blocks and cuts the file to its length. */
async function writeDirect(path: string, blocks: Uint8Array, length: number): Promise<void> {
  const descriptor = await openFile(path, NEW_FILE | PAST_PAGE_CACHE, PRIVATE_FILE);
  try {
    await writeWhole(descriptor, blocks);
    if (length < blocks.byteLength) await truncateFile(descriptor, length);
    await syncFile(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** A write may be short; the rest follows. */
async function writeWhole(descriptor: number, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    offset += (await writeFile(descriptor, bytes, offset)).bytesWritten;
  }
}

/**
 * The same for a stream, in constant memory. Rejects with `payload-too-large` beyond `limitBytes`.
 */
export async function writeStreamSynced(
  path: string,
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<{ key: BlobKey; bytes: number }> {
  const digest = createHash("sha256");
  const handle = await openHandle(path, "wx", PRIVATE_FILE);
  let bytes = 0;
  try {
    for await (const chunk of source) {
      bytes += chunk.byteLength;
      if (bytes > limitBytes) {
        throw new AxialError("payload-too-large", { detail: `limit: ${limitBytes} bytes` });
      }
      digest.update(chunk);
      await writeAll(handle, chunk);
    }
    await handle.sync();
  } finally {
    await handle.close();
  }
  return { key: digest.digest("hex") as BlobKey, bytes };
}

/** A write may be short; the rest follows. */
async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let offset = 0; offset < bytes.byteLength; ) {
    offset += (await handle.write(bytes, offset)).bytesWritten;
  }
}

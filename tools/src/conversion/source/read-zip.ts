import { crc32 } from "node:zlib";
import { AxialError } from "@axial/contracts";
import { type Entry, fromBuffer, type ZipFile } from "yauzl";
import { LIMITS } from "./source-files.ts";

const STORED = 0;
const DEFLATED = 8;
const ENCRYPTED = 1;
/** File types in the upper half of the external attributes, as Unix has them. */
const TYPE_MASK = 0o170000;
const PLAIN_FILE = 0o100000;

/**
 * The files of a zip archive by name. Each entry is checked against its header before a byte is
 * inflated, and by its checksum afterwards; `limit-exceeded` for one larger than real exports are,
 * `invalid-model` for damage, links and names that lead out of the archive.
 */
export async function readZip(bytes: Uint8Array): Promise<ReadonlyMap<string, Uint8Array>> {
  const zip = await open(bytes);
  try {
    return await readEntries(zip);
  } catch (cause) {
    throw cause instanceof AxialError ? cause : damaged(cause);
  } finally {
    zip.close();
  }
}

async function open(bytes: Uint8Array): Promise<ZipFile> {
  const options = { lazyEntries: true, strictFileNames: true, validateEntrySizes: true };
  return new Promise((resolve, reject) => {
    fromBuffer(Buffer.from(bytes), options, (error, zip) => {
      if (zip === undefined) reject(damaged(error));
      else resolve(zip);
    });
  });
}

async function readEntries(zip: ZipFile): Promise<ReadonlyMap<string, Uint8Array>> {
  if (zip.entryCount > LIMITS.files) throw limit(`${zip.entryCount} files`, LIMITS.files);
  const files = new Map<string, Uint8Array>();
  let total = 0;
  for await (const entry of entriesOf(zip)) {
    if (entry.fileName.endsWith("/")) continue;
    checkEntry(entry);
    total += entry.uncompressedSize;
    if (total > LIMITS.totalBytes) throw limit(`${total} bytes in all`, LIMITS.totalBytes);
    if (files.has(entry.fileName)) throw invalid(`${entry.fileName} is in the archive twice`);
    files.set(entry.fileName, await inflate(zip, entry));
  }
  return files;
}

async function* entriesOf(zip: ZipFile): AsyncGenerator<Entry> {
  for (;;) {
    const entry = await nextEntry(zip);
    if (entry === null) return;
    yield entry;
  }
}

/** yauzl rejects names that are absolute or contain `..` or a backslash. */
function nextEntry(zip: ZipFile): Promise<Entry | null> {
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      zip.removeAllListeners();
      act();
    };
    zip.once("entry", (entry) => settle(() => resolve(entry)));
    zip.once("end", () => settle(() => resolve(null)));
    zip.once("error", (error) => settle(() => reject(error)));
    zip.readEntry();
  });
}

function checkEntry(entry: Entry): void {
  const { fileName: name, uncompressedSize, compressedSize } = entry;
  const type = (entry.externalFileAttributes >>> 16) & TYPE_MASK;
  if (type !== 0 && type !== PLAIN_FILE) throw invalid(`${name} is a link or device, not a file`);
  if (entry.generalPurposeBitFlag & ENCRYPTED) throw invalid(`${name} is encrypted`);
  if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
    throw invalid(`${name} is compressed by method ${entry.compressionMethod}`);
  }
  if (uncompressedSize > LIMITS.fileBytes) {
    throw limit(`${name} has ${uncompressedSize} bytes`, LIMITS.fileBytes);
  }
  if (uncompressedSize > compressedSize * LIMITS.compression) {
    throw limit(
      `${name} unfolds to more than ${LIMITS.compression} times its size`,
      LIMITS.compression,
    );
  }
}

async function inflate(zip: ZipFile, entry: Entry): Promise<Uint8Array> {
  const bytes = await new Promise<Buffer>((resolve, reject) => {
    zip.openReadStream(entry, (error, stream) => {
      if (stream === undefined) return reject(error);
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.once("error", reject);
      stream.once("end", () => resolve(Buffer.concat(chunks)));
    });
  });
  if (crc32(bytes) !== entry.crc32) throw invalid(`${entry.fileName} does not match its checksum`);
  return bytes;
}

function damaged(cause: unknown): AxialError {
  const why = cause instanceof Error ? `: ${cause.message}` : "";
  return new AxialError("invalid-model", { detail: `the zip archive cannot be read${why}`, cause });
}

function limit(found: string, most: number): AxialError {
  return new AxialError("limit-exceeded", { detail: `${found}; the limit is ${most}` });
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}

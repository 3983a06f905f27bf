import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { mkdtemp, open, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** Larger files stay on disk. CT and MR slices have 0.2 to 2 MB. */
export const MAX_HELD_BYTES = 16 << 20;
/** The server's limit for an instance. */
export const MAX_INSTANCE_BYTES = 4 * 1024 ** 3;

const PIECE = 1 << 20;

/** What an item holds: all of it in memory, or its beginning and where the whole lies. */
export interface Content {
  /** `MAX_HELD_BYTES` at most. */
  readonly head: Buffer;
  readonly bytes: number;
  /** SHA-256 in hexadecimal digits: the key under which the server stores it. */
  readonly hash: string;
  /** Null where `head` is all of it. */
  readonly file: Buffer | null;
  /** Removes what was made for it on disk. */
  readonly release: () => Promise<void>;
}

const nothing = async () => {};

/** The content of the file at `path`. Rejects with the file system's errors. */
export async function contentOfFile(path: Buffer, bytes: number): Promise<Content> {
  if (bytes <= MAX_HELD_BYTES) return contentOfBytes(await readFile(path));
  const hash = createHash("sha256");
  let read = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: PIECE })) {
    hash.update(chunk as Buffer);
    read += (chunk as Buffer).length;
  }
  const head = await headOf(path, MAX_HELD_BYTES);
  return { head, bytes: read, hash: hash.digest("hex"), file: path, release: nothing };
}

/** At most `bytes` from the beginning of a file. */
export async function headOf(path: Buffer, bytes: number): Promise<Buffer> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}

/**
 * The content of a stream. A large one goes to a temporary file that `release` removes: a stream
 * cannot be sent a second time. Returns null for one larger than an instance may be.
 */
export async function contentOfStream(stream: AsyncIterable<Uint8Array>): Promise<Content | null> {
  const pieces: Uint8Array[] = [];
  let held = 0;
  const chunks = stream[Symbol.asyncIterator]();
  for (let next = await chunks.next(); next.done !== true; next = await chunks.next()) {
    const chunk = next.value;
    pieces.push(chunk);
    held += chunk.length;
    if (held > MAX_HELD_BYTES) return spool(Buffer.concat(pieces), chunks);
  }
  return contentOfBytes(Buffer.concat(pieces));
}

function contentOfBytes(head: Buffer): Content {
  const hash = createHash("sha256").update(head).digest("hex");
  return { head, bytes: head.length, hash, file: null, release: nothing };
}

async function spool(head: Buffer, rest: AsyncIterator<Uint8Array>): Promise<Content | null> {
  const folder = await mkdtemp(join(tmpdir(), "axial-entry-"));
  const release = () => rm(folder, { recursive: true, force: true });
  const path = join(folder, "entry");
  const file = await open(path, "w", 0o600);
  const hash = createHash("sha256");
  let bytes = 0;
  const write = async (chunk: Uint8Array) => {
    hash.update(chunk);
    bytes += chunk.length;
    await file.writeFile(chunk);
  };
  try {
    await write(head);
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) {
      await write(next.value);
      if (bytes > MAX_INSTANCE_BYTES) {
        await release();
        return null;
      }
    }
  } catch (error) {
    await release();
    throw error;
  } finally {
    await file.close();
  }
  const start = head.subarray(0, MAX_HELD_BYTES);
  return { head: start, bytes, hash: hash.digest("hex"), file: Buffer.from(path), release };
}

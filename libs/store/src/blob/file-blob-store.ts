import { createHash, hash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { AxialError, type BlobKey } from "@axial/contracts";
import { blobFolder, blobPath } from "./blob-path.ts";
import type { BlobEntry, BlobStore } from "./blob-store.ts";
import { FolderSyncer } from "./folder-syncer.ts";
import { listBlobFiles } from "./list-blob-files.ts";

/**
 * Blobs as files named by their SHA-256. Each is written beside its place, synced, renamed into
 * it, and the folder is synced: at any power cut a blob is whole or absent. A blob that is
 * already there is written again: that renews the age by which a sweep tells garbage, and mends
 * a copy that rotted.
 */
export class FileBlobStore implements BlobStore {
  readonly #root: string;
  readonly #folders = new FolderSyncer();

  constructor(root: string) {
    this.#root = root;
  }

  async put(bytes: Uint8Array): Promise<BlobKey> {
    const key = hash("sha256", bytes) as BlobKey;
    await this.#write(key, bytes);
    await this.#folders.sync(blobFolder(this.#root, key));
    return key;
  }

  async putMany(blobs: readonly Uint8Array[]): Promise<BlobKey[]> {
    return Promise.all(blobs.map((bytes) => this.put(bytes)));
  }

  async putStream(
    source: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<{ key: BlobKey; bytes: number }> {
    await this.#folders.ensure(this.#root);
    const temporary = join(this.#root, temporaryName());
    try {
      const { key, bytes } = await writeStream(temporary, source, limitBytes);
      const folder = blobFolder(this.#root, key);
      await this.#folders.ensure(folder);
      await rename(temporary, join(folder, key));
      await this.#folders.sync(folder);
      return { key, bytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  async get(key: BlobKey): Promise<Uint8Array> {
    const bytes = await readFile(blobPath(this.#root, key)).catch(asMissing);
    if (hash("sha256", bytes) !== key) throw new AxialError("blob-corrupt");
    return bytes;
  }

  async getStream(key: BlobKey): Promise<Readable> {
    const handle = await open(blobPath(this.#root, key), "r").catch(asMissing);
    return createReadStream("", { fd: handle });
  }

  async has(key: BlobKey): Promise<boolean> {
    const found = await stat(blobPath(this.#root, key)).catch(ignoreAbsence);
    return found !== undefined;
  }

  async delete(key: BlobKey): Promise<void> {
    await rm(blobPath(this.#root, key), { force: true });
  }

  list(): AsyncIterable<BlobEntry> {
    return listBlobFiles(this.#root);
  }

  async ping(): Promise<void> {
    await this.#folders.ensure(this.#root);
    const probe = join(this.#root, temporaryName());
    try {
      await writeSynced(probe, Buffer.from("ping"));
    } finally {
      await rm(probe, { force: true });
    }
  }

  async #write(key: BlobKey, bytes: Uint8Array): Promise<void> {
    const folder = blobFolder(this.#root, key);
    await this.#folders.ensure(folder);
    const temporary = join(folder, temporaryName());
    try {
      await writeSynced(temporary, bytes);
      await rename(temporary, join(folder, key));
    } catch (error) {
      this.#folders.forget(folder);
      await rm(temporary, { force: true });
      throw error;
    }
  }
}

/** Never a blob's name, so that a listing tells it from one. */
function temporaryName(): string {
  return `.part-${randomBytes(8).toString("hex")}`;
}

async function writeSynced(path: string, bytes: Uint8Array): Promise<void> {
  const handle = await open(path, "wx");
  try {
    await writeAll(handle, bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function writeStream(
  path: string,
  source: AsyncIterable<Uint8Array>,
  limitBytes: number,
): Promise<{ key: BlobKey; bytes: number }> {
  const digest = createHash("sha256");
  const handle = await open(path, "wx");
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

function ignoreAbsence(error: NodeJS.ErrnoException): undefined {
  if (error.code === "ENOENT") return undefined;
  throw error;
}

function asMissing(error: NodeJS.ErrnoException): never {
  if (error.code === "ENOENT") throw new AxialError("blob-missing", { cause: error });
  throw error;
}

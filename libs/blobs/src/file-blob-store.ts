import { hash } from "node:crypto";
import { constants, createReadStream, readFile as readFileCallback, readFileSync } from "node:fs";
import { access, open, rename, rm, stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { AxialError, type BlobKey } from "@axial/contracts";
import { blobFolder, blobPath } from "./blob-path.ts";
import type { BlobEntry, BlobStore, ByteRange } from "./blob-store.ts";
import { FolderSyncer } from "./folder-syncer.ts";
import { incomingFolder, incomingPath, recoverIncoming } from "./incoming.ts";
import { listBlobFiles } from "./list-blob-files.ts";
import { verified } from "./verified.ts";
import { writeStreamSynced, writeSynced } from "./write-synced.ts";

/** Half the CPU time of the same in `fs/promises`, which allocates objects for each file. */
const readFile = promisify(readFileCallback);

/**
 * Blobs as files named by their SHA-256. Each is written into the incoming folder and synced, that
 * folder is synced once for all writers of the moment, and then the file is renamed into its place:
 * a power cut finds it whole in one of the two, and the next start moves what is left. That saves
 * syncing another folder per blob, and needs an atomic rename, which every journaling file system
 * has.
 *
 * A blob that exists is written again: that renews the age by which a sweep recognises garbage, and
 * repairs a corrupt copy.
 */
export class FileBlobStore implements BlobStore {
  readonly #root: string;
  readonly #folders = new FolderSyncer();
  #ready: Promise<void> | undefined;

  constructor(root: string) {
    this.#root = root;
  }

  async put(bytes: Uint8Array): Promise<BlobKey> {
    await this.#open();
    const key = hash("sha256", bytes) as BlobKey;
    const incoming = incomingPath(this.#root, key);
    await removeOnError(incoming, async () => {
      await writeSynced(incoming, bytes).catch((error) => this.#reopenNext(error));
      await this.#place(incoming, key);
    });
    return key;
  }

  async putMany(blobs: readonly Uint8Array[]): Promise<BlobKey[]> {
    return Promise.all(blobs.map((bytes) => this.put(bytes)));
  }

  async putStream(
    source: AsyncIterable<Uint8Array>,
    limitBytes: number,
  ): Promise<{ key: BlobKey; bytes: number }> {
    await this.#open();
    const unnamed = incomingPath(this.#root, "stream");
    const written = await removeOnError(unnamed, () =>
      writeStreamSynced(unnamed, source, limitBytes),
    );
    const incoming = incomingPath(this.#root, written.key);
    await rename(unnamed, incoming);
    await removeOnError(incoming, () => this.#place(incoming, written.key));
    return written;
  }

  async get(key: BlobKey): Promise<Uint8Array> {
    await this.#open();
    return verified(key, await readFile(blobPath(this.#root, key)).catch(asMissing));
  }

  getSync(key: BlobKey): Uint8Array {
    try {
      return verified(key, readFileSync(blobPath(this.#root, key)));
    } catch (error) {
      if (error instanceof AxialError) throw error;
      return asMissing(error as NodeJS.ErrnoException);
    }
  }

  async getStream(key: BlobKey, range?: ByteRange): Promise<Readable> {
    await this.#open();
    const handle = await open(blobPath(this.#root, key), "r").catch(asMissing);
    if (range === undefined) return createReadStream("", { fd: handle });
    if (range.start < range.end) {
      return createReadStream("", { fd: handle, start: range.start, end: range.end - 1 });
    }
    await handle.close();
    return Readable.from([]);
  }

  async has(key: BlobKey): Promise<boolean> {
    await this.#open();
    const found = await stat(blobPath(this.#root, key)).catch(ignoreAbsence);
    return found !== undefined;
  }

  async delete(key: BlobKey): Promise<void> {
    await rm(blobPath(this.#root, key), { force: true });
  }

  list(shard?: string): AsyncIterable<BlobEntry> {
    return listBlobFiles(this.#root, shard);
  }

  async ping(): Promise<void> {
    await this.#open();
    const probe = incomingPath(this.#root, "ping");
    try {
      await writeSynced(probe, Buffer.from("ping"));
    } finally {
      await rm(probe, { force: true });
    }
  }

  async pingReads(): Promise<void> {
    await access(this.#root, constants.R_OK | constants.X_OK);
  }

  /** Creates the incoming folder and moves what a power cut left in it, once. */
  #open(): Promise<void> {
    this.#ready ??= this.#folders
      .ensure(incomingFolder(this.#root))
      .then(() => recoverIncoming(this.#root, (key) => this.#folderOf(key)))
      .catch((error: unknown) => {
        this.#ready = undefined;
        throw error;
      });
    return this.#ready;
  }

  /** Makes the name of an incoming file durable and moves it to its place. */
  async #place(incoming: string, key: BlobKey): Promise<void> {
    const [folder] = await Promise.all([
      this.#folderOf(key),
      this.#folders.sync(incomingFolder(this.#root)),
    ]);
    await rename(incoming, blobPath(this.#root, key)).catch(async (error: unknown) => {
      // A process that just started took the whole file for one that a power cut left behind.
      if (isAbsence(error) && (await this.has(key))) return this.#folders.sync(folder);
      this.#folders.forget(folder);
      throw error;
    });
  }

  /** The incoming folder is gone: the next call creates it again. */
  #reopenNext(error: NodeJS.ErrnoException): never {
    if (error.code === "ENOENT") {
      this.#ready = undefined;
      this.#folders.forget(incomingFolder(this.#root));
    }
    throw error;
  }

  async #folderOf(key: BlobKey): Promise<string> {
    const folder = blobFolder(this.#root, key);
    await this.#folders.ensure(folder);
    return folder;
  }
}

async function removeOnError<Value>(path: string, act: () => Promise<Value>): Promise<Value> {
  try {
    return await act();
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
}

function isAbsence(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === "ENOENT";
}

function ignoreAbsence(error: unknown): undefined {
  if (isAbsence(error)) return undefined;
  throw error;
}

function asMissing(error: NodeJS.ErrnoException): never {
  if (error.code === "ENOENT") throw new AxialError("blob-missing", { cause: error });
  throw error;
}

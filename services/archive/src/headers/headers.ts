import { availableParallelism } from "node:os";
import { buffer } from "node:stream/consumers";
import type { BlobStore } from "@axial/blobs";
import { AxialError } from "@axial/contracts";
import { MAX_INFLATED_HEADER_BYTES, readQuickly, transferSyntaxOf } from "@axial/dicom";
import { TenantThreads } from "@axial/imaging";
import type { StoredInstance } from "@axial/store/search";
import type { ExplicitFile } from "./explicit-file.ts";
import type { HeaderAnswer, HeaderWish } from "./header-answer.ts";
import { type FilePart, type HeaderReading, readingOf } from "./header-reading.ts";
import type { HeaderCommand, HeaderResult } from "./header-thread.ts";
import { HEADER_BYTES } from "./limits.ts";

const SCRIPT = new URL("./header-thread.ts", import.meta.url);

/** One core stays with the event loop. */
const THREADS = Math.max(1, Math.min(2, availableParallelism() - 1));
/** Half a million elements as JSON take a few seconds. */
const TIMEOUT_MS = 60_000;
/** Metadata of a study reads some instances ahead: so many requests of one tenant and more. */
const MAX_WAITING_EACH = 1_024;

/**
 * Reads headers of stored files: as much of a file as its header needs, so that neither time nor
 * memory grows with the pixels. Ordinary headers are read at once, and those that would hold up the
 * event loop (deflated, or with very many elements) in threads, tenants in turns.
 */
export class Headers {
  readonly #blobs: BlobStore;
  readonly #threads = new TenantThreads<HeaderCommand, HeaderResult>(SCRIPT, {
    threads: THREADS,
    timeoutMs: TIMEOUT_MS,
    maxWaitingEach: MAX_WAITING_EACH,
  });

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Rejects with the error in the file, `limit-exceeded`, or what threads reject with. */
  async read(stored: StoredInstance, wish: HeaderWish): Promise<HeaderAnswer> {
    const { deflated } = transferSyntaxOf(stored.transferSyntax);
    const first = deflated ? MAX_INFLATED_HEADER_BYTES : HEADER_BYTES;
    for (let length = first; length <= MAX_INFLATED_HEADER_BYTES; length *= 4) {
      const bytes = await this.#beginning(stored, length);
      const answer = await this.#readPart(stored, { bytes, fileBytes: stored.bytes }, wish);
      if (answer.kind !== "more") return answer;
      if (bytes.length >= stored.bytes) break;
    }
    throw new AxialError("limit-exceeded", {
      detail: `the header does not end within ${MAX_INFLATED_HEADER_BYTES} bytes`,
    });
  }

  /** A file whose data set takes a thread to read, in Explicit VR Little Endian. */
  async explicit({ tenant }: StoredInstance, bytes: Uint8Array): Promise<ExplicitFile> {
    const file = await this.#threads.run(tenant, () => ({ kind: "explicit", bytes }));
    if (file.kind !== "explicit") throw new AxialError("internal");
    return file;
  }

  close(): Promise<void> {
    return this.#threads.close();
  }

  async #readPart(
    { tenant }: StoredInstance,
    part: FilePart,
    wish: HeaderWish,
  ): Promise<HeaderReading> {
    const untilPixelData = part.bytes.length < part.fileBytes;
    const instance = readQuickly(part.bytes, { untilPixelData });
    if (instance !== null) return readingOf(instance, part, wish);
    const read = await this.#threads.run(tenant, () => ({ kind: "read", ...part, wish }));
    if (read.kind === "explicit") throw new AxialError("internal");
    return read;
  }

  /** A whole file is verified against its hash. */
  async #beginning({ blob, bytes }: StoredInstance, length: number): Promise<Uint8Array> {
    if (length >= bytes) return this.#blobs.get(blob);
    return buffer(await this.#blobs.getStream(blob, { start: 0, end: length }));
  }
}

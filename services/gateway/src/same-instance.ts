import type { BlobStore } from "@axial/blobs";
import type { BlobKey, TenantId } from "@axial/contracts";
import { type FramePool, openFramePool, sharedBytes, TenantThreads } from "@axial/imaging";
import type { Logger } from "@axial/kit";
import type { Comparison, ComparisonCommand } from "./same-instance-thread.ts";

/** Larger files are not compared: they count as different. CT and MR slices have 0.2 to 2 MB. */
const MAX_COMPARED_BYTES = 256 * 1024 * 1024;
/** Frames of more pixels together are not decoded to be compared: a second's work for a core. */
const MAX_COMPARED_PIXELS = 16 * 1024 * 1024;
const FRAME_TIMEOUT_MS = 15_000;
const SCRIPT = new URL("./same-instance-thread.ts", import.meta.url);
/** Half a million elements in each of two files. */
const COMPARISON_TIMEOUT_MS = 30_000;

/** Two stored files, and the size of the one that came last. */
export interface StoredTwice {
  readonly tenant: TenantId;
  readonly held: BlobKey;
  readonly came: BlobKey;
  readonly bytes: number;
}

/**
 * Tells whether two stored files are the same instance as it came by different ways: group 0002
 * and transfer syntax may differ, the data set and its pixels may not.
 */
export class SameInstance {
  readonly #blobs: Pick<BlobStore, "get">;
  readonly #frames: FramePool;
  readonly #comparing: TenantThreads<ComparisonCommand, Comparison>;
  readonly #logger: Logger;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(blobs: Pick<BlobStore, "get">, logger: Logger) {
    this.#blobs = blobs;
    this.#logger = logger;
    this.#frames = openFramePool({ threads: 1, timeoutMs: FRAME_TIMEOUT_MS });
    this.#comparing = new TenantThreads(SCRIPT, {
      ...{ threads: 1, timeoutMs: COMPARISON_TIMEOUT_MS },
      maxWaitingEach: 1,
    });
  }

  /** One comparison at a time: each holds two files in memory. What cannot be read is no match. */
  check(files: StoredTwice): Promise<boolean> {
    const answer = this.#turn
      .then(() => this.#compare(files))
      .catch((err: unknown) => {
        const blobs = [files.held, files.came];
        this.#logger.warn({ err, blobs }, "two instances could not be compared");
        return false;
      });
    this.#turn = answer;
    return answer;
  }

  async close(): Promise<void> {
    await Promise.all([this.#frames.close(), this.#comparing.close()]);
  }

  async #compare({ tenant, held, came, bytes }: StoredTwice): Promise<boolean> {
    if (bytes > MAX_COMPARED_BYTES) return false;
    const files = [await this.#blobs.get(held), await this.#blobs.get(came)] as const;
    if (files.some((file) => file.length > MAX_COMPARED_BYTES)) return false;
    const sources = [
      { key: held, tenant, bytes: sharedBytes(files[0]) },
      { key: came, tenant, bytes: sharedBytes(files[1]) },
    ] as const;
    const { difference, frames, pixels } = await this.#comparing.run(tenant, () => ({
      files: [sources[0].bytes, sources[1].bytes],
    }));
    if (difference !== "pixel-encoding") return difference === "none";
    if (pixels > MAX_COMPARED_PIXELS) return false;
    return this.#sameFrames(sources, frames);
  }

  async #sameFrames([own, other]: readonly [Source, Source], frames: number): Promise<boolean> {
    for (let frame = 0; frame < frames; frame += 1) {
      const first = await this.#frames.uncompressed(own, frame);
      const second = await this.#frames.uncompressed(other, frame);
      const alike = first.photometric === second.photometric && first.planar === second.planar;
      if (!alike || !Buffer.from(first.bytes).equals(second.bytes)) return false;
    }
    return true;
  }
}

type Source = Parameters<FramePool["uncompressed"]>[0];

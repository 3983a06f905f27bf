import type { BlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { compareDataSets, type DicomInstance, frameCount, readInstance } from "@axial/dicom";
import { type FramePool, openFramePool, sharedBytes } from "@axial/imaging";
import type { Logger } from "@axial/kit";

/** Larger files are not compared: they count as different. CT and MR slices have 0.2 to 2 MB. */
const MAX_COMPARED_BYTES = 256 * 1024 * 1024;
/** Frames of more pixels together are not decoded to be compared: a second's work for a core. */
const MAX_COMPARED_PIXELS = 16 * 1024 * 1024;
const FRAME_TIMEOUT_MS = 15_000;

/**
 * Tells whether two stored files are the same instance as it came by different ways: group 0002
 * and transfer syntax may differ, the data set and its pixels may not.
 */
export class SameInstance {
  readonly #blobs: Pick<BlobStore, "get">;
  readonly #frames: FramePool;
  readonly #logger: Logger;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(blobs: Pick<BlobStore, "get">, logger: Logger) {
    this.#blobs = blobs;
    this.#logger = logger;
    this.#frames = openFramePool({ threads: 1, timeoutMs: FRAME_TIMEOUT_MS });
  }

  /** One comparison at a time: each holds two files in memory. What cannot be read is no match. */
  check(a: BlobKey, b: BlobKey, bytes: number): Promise<boolean> {
    const answer = this.#turn
      .then(() => this.#compare(a, b, bytes))
      .catch((err: unknown) => {
        this.#logger.warn({ err, blobs: [a, b] }, "two instances could not be compared");
        return false;
      });
    this.#turn = answer;
    return answer;
  }

  close(): Promise<void> {
    return this.#frames.close();
  }

  async #compare(a: BlobKey, b: BlobKey, bytes: number): Promise<boolean> {
    if (bytes > MAX_COMPARED_BYTES) return false;
    const files = [await this.#blobs.get(a), await this.#blobs.get(b)] as const;
    if (files.some((file) => file.length > MAX_COMPARED_BYTES)) return false;
    const [own, other] = [readInstance(files[0]), readInstance(files[1])];
    const difference = compareDataSets(own, other);
    if (difference !== "pixel-encoding") return difference === "none";
    if (pixelsOf(own) > MAX_COMPARED_PIXELS) return false;
    return this.#sameFrames([a, files[0]], [b, files[1]], frameCount(own.dataset));
  }

  async #sameFrames(
    [a, own]: readonly [key: string, file: Uint8Array],
    [b, other]: readonly [key: string, file: Uint8Array],
    frames: number,
  ): Promise<boolean> {
    const sources = [
      { key: a, bytes: sharedBytes(own) },
      { key: b, bytes: sharedBytes(other) },
    ] as const;
    for (let frame = 0; frame < frames; frame += 1) {
      const first = await this.#frames.uncompressed(sources[0], frame);
      const second = await this.#frames.uncompressed(sources[1], frame);
      const alike = first.photometric === second.photometric && first.planar === second.planar;
      if (!alike || !Buffer.from(first.bytes).equals(second.bytes)) return false;
    }
    return true;
  }
}

function pixelsOf({ dataset }: DicomInstance): number {
  const [rows, columns] = [dataset.int(0x0028_0010) ?? 0, dataset.int(0x0028_0011) ?? 0];
  return rows * columns * frameCount(dataset);
}

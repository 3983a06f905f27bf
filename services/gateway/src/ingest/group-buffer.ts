import { alignedMemory, blockEnd } from "@axial/blobs";

/** Bytes of one buffer: what one group holds, and the largest part that is held in memory. */
const GROUP_BUFFER_BYTES = 4 * 1024 * 1024;
/** Buffers kept for the next upload; more are left to the garbage collector. */
const MAX_KEPT = 32;

/**
 * Memory into which the parts of one group are received, one behind the other. It is used again
 * for the next group: a fresh buffer for each of 1,500 instances a second would keep the garbage
 * collector busy for a third of the time. Each part begins on a block of the disk.
 */
export class GroupBuffer {
  readonly #bytes = alignedMemory(GROUP_BUFFER_BYTES);
  #start = 0;
  #end = 0;

  /** Adds to the part that is being received; false when it does not fit. */
  append(chunk: Uint8Array): boolean {
    if (this.#end + chunk.length > GROUP_BUFFER_BYTES) return false;
    this.#bytes.set(chunk, this.#end);
    this.#end += chunk.length;
    return true;
  }

  /** The part that is being received. */
  get part(): Buffer {
    return this.#bytes.subarray(this.#start, this.#end);
  }

  /** The part stays until the buffer is cleared; the next one begins behind it. */
  keepPart(): void {
    this.#start = blockEnd(this.#end);
    this.#end = this.#start;
  }

  dropPart(): void {
    this.#end = this.#start;
  }

  clear(): void {
    this.#start = 0;
    this.#end = 0;
  }
}

const kept: GroupBuffer[] = [];

export function takeGroupBuffer(): GroupBuffer {
  return kept.pop() ?? new GroupBuffer();
}

/** Returns a buffer whose parts are no longer in use. */
export function releaseGroupBuffer(buffer: GroupBuffer): void {
  buffer.clear();
  if (kept.length < MAX_KEPT) kept.push(buffer);
}

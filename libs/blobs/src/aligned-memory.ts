/** Blocks of disks have 512 or 4,096 bytes, and direct writes begin and end on their boundaries. */
const BLOCK_BYTES = 4_096;

const ALIGNED = new WeakSet<ArrayBufferLike>();

/**
 * Zeroed memory whose address is a multiple of `BLOCK_BYTES`: blobs that begin on such a boundary
 * are written past the page cache. Node's buffers start at any address and do not reveal it;
 * WebAssembly memory consists of whole pages.
 */
export function alignedMemory(bytes: number): Buffer {
  const { buffer } = new WebAssembly.Memory({ initial: Math.ceil(bytes / 65_536) });
  ALIGNED.add(buffer);
  return Buffer.from(buffer);
}

/** The next multiple of `BLOCK_BYTES`. */
export function blockEnd(offset: number): number {
  return Math.ceil(offset / BLOCK_BYTES) * BLOCK_BYTES;
}

/**
 * `bytes` extended to the end of their last block, when they start on a block boundary in aligned
 * memory; null otherwise.
 */
export function wholeBlocks(bytes: Uint8Array): Uint8Array | null {
  const { buffer, byteOffset, byteLength } = bytes;
  const end = blockEnd(byteOffset + byteLength);
  if (!ALIGNED.has(buffer) || byteOffset % BLOCK_BYTES !== 0 || end > buffer.byteLength) {
    return null;
  }
  return new Uint8Array(buffer, byteOffset, end - byteOffset);
}

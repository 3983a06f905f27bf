import { endianness } from "node:os";
import { AxialError } from "@axial/contracts";
import type { PixelArray } from "./frame.ts";
import { type PixelDescription, unsupported } from "./pixel-description.ts";

const MACHINE_IS_LITTLE = endianness() === "LE";

/**
 * Samples of one uncompressed frame whose cells begin at `bytes`; a view of `bytes` where nothing
 * has to be moved. Cells of 1 and 12 bits are packed (PS3.5 8.1.1 and annex D). Throws
 * `truncated-pixel-data` when `bytes` is too short.
 */
export function nativeSamples(
  bytes: Buffer,
  description: PixelDescription,
  littleEndian: boolean,
): PixelArray {
  const { rows, columns, samples, bitsAllocated } = description;
  const count = rows * columns * samples;
  const needed = Math.ceil((count * bitsAllocated) / 8);
  if (bytes.length < needed) {
    throw new AxialError("truncated-pixel-data", {
      detail: `${bytes.length} of ${needed} bytes are there`,
    });
  }
  const cells = bytes.subarray(0, needed);
  if (bitsAllocated === 1) return unpackBits(cells, count);
  if (bitsAllocated === 12) return unpackTwelve(cells, count);
  return alignedView(cells, description, littleEndian);
}

function alignedView(cells: Buffer, description: PixelDescription, little: boolean): PixelArray {
  const width = description.bitsAllocated / 8;
  const swap = width > 1 && little !== MACHINE_IS_LITTLE;
  const aligned = cells.byteOffset % width === 0;
  const own = swap || !aligned ? Buffer.from(new Uint8Array(cells).buffer) : cells;
  if (swap) swapBytes(own, width);
  return typedView(own, description);
}

function swapBytes(bytes: Buffer, width: number): void {
  if (width === 2) bytes.swap16();
  else if (width === 4) bytes.swap32();
  else bytes.swap64();
}

function typedView(bytes: Buffer, { bitsAllocated, signed, float }: PixelDescription): PixelArray {
  const { buffer, byteOffset } = bytes;
  const count = bytes.length / (bitsAllocated / 8);
  switch (bitsAllocated) {
    case 8:
      return signed
        ? new Int8Array(buffer, byteOffset, count)
        : new Uint8Array(buffer, byteOffset, count);
    case 16:
      return signed
        ? new Int16Array(buffer, byteOffset, count)
        : new Uint16Array(buffer, byteOffset, count);
    case 32:
      if (float) return new Float32Array(buffer, byteOffset, count);
      return signed
        ? new Int32Array(buffer, byteOffset, count)
        : new Uint32Array(buffer, byteOffset, count);
    default:
      if (!float) throw unsupported("64-bit integers");
      return new Float64Array(buffer, byteOffset, count);
  }
}

/** Bit cells, the first pixel in the lowest bit. */
export function unpackBits(cells: Uint8Array, count: number, firstBit = 0): Uint8Array {
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i += 1) {
    const bit = firstBit + i;
    out[i] = ((cells[bit >> 3] ?? 0) >> (bit & 7)) & 1;
  }
  return out;
}

/** Two cells of 12 bits in three bytes, the first in the lower bits. */
function unpackTwelve(cells: Uint8Array, count: number): Uint16Array {
  const out = new Uint16Array(count);
  for (let i = 0; i < count; i += 1) {
    const at = (i >> 1) * 3;
    const middle = cells[at + 1] ?? 0;
    out[i] =
      i % 2 === 0
        ? (cells[at] ?? 0) | ((middle & 15) << 8)
        : (middle >> 4) | ((cells[at + 2] ?? 0) << 4);
  }
  return out;
}

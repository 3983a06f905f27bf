import type { PixelArray } from "./frame.ts";
import type { PixelDescription } from "./pixel-description.ts";

type Cells = Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/**
 * Extracts stored values from their cells: overlay and other bits outside BitsStored are masked off
 * and the sign is extended. Returns `data` itself where it is clean.
 */
export function storedValues(data: PixelArray, description: PixelDescription): PixelArray {
  const { bitsStored, highBit, signed, float } = description;
  if (float || data instanceof Float32Array || data instanceof Float64Array) return data;
  const cellBits = data.BYTES_PER_ELEMENT * 8;
  const up = Math.max(0, 32 - highBit - 1);
  const down = 32 - bitsStored;
  if (bitsStored >= cellBits || isClean(data, { up, down, signed })) return data;
  const out = data.slice();
  for (let i = 0; i < out.length; i += 1) {
    const shifted = (data[i] ?? 0) << up;
    out[i] = signed ? shifted >> down : shifted >>> down;
  }
  return out;
}

interface Shifts {
  readonly up: number;
  readonly down: number;
  readonly signed: boolean;
}

/** Looks only; the usual answer is yes, and then nothing is copied. */
function isClean(data: Cells, { up, down, signed }: Shifts): boolean {
  let differs = 0;
  if (signed) {
    for (let i = 0; i < data.length; i += 1) {
      const value = data[i] ?? 0;
      differs |= ((value << up) >> down) ^ value;
    }
    return differs === 0;
  }
  return up === down && allBits(data) >>> (32 - down) === 0;
}

/** Every bit that is set in any value; 16-bit values that lie well are read by eight. */
function allBits(data: Cells): number {
  const wellPlaced = data.BYTES_PER_ELEMENT === 2 && data.byteOffset % 4 === 0;
  const eights = wellPlaced ? data.length >> 3 : 0;
  const both = allBitsByFour(
    new Uint32Array(data.buffer, wellPlaced ? data.byteOffset : 0, eights * 4),
  );
  let all = (both | (both >>> 16)) & 0xffff;
  for (let i = eights * 8; i < data.length; i += 1) all |= data[i] as number;
  return all;
}

/** Four words at a time, none of which waits for another. */
function allBitsByFour(words: Uint32Array): number {
  let [a, b, c, d] = [0, 0, 0, 0];
  for (let i = 0; i < words.length; i += 4) {
    a |= words[i] as number;
    b |= words[i + 1] as number;
    c |= words[i + 2] as number;
    d |= words[i + 3] as number;
  }
  return a | b | c | d;
}

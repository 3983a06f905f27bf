import { AxialError } from "@axial/contracts";
import type { PixelArray } from "../frame.ts";
import { nativeSamples } from "../native-samples.ts";
import type { PixelDescription } from "../pixel-description.ts";

const HEADER_BYTES = 64;
const MAX_SEGMENTS = 15;
/** Two bytes expand to 128 at most: with fewer the frame is rejected before memory is allocated. */
const MAX_EXPANSION = 64;

/**
 * RLE Lossless, PS3.5 annex G: one segment of packed bytes for each byte of each sample, the most
 * significant first. Interleaved samples; throws `undecodable` or `truncated-pixel-data`.
 */
export function decodeRle(bytes: Buffer, pixels: PixelDescription): PixelArray {
  const { rows, columns, samples, bitsAllocated } = pixels;
  const bit = bitsAllocated === 1;
  const width = bit ? 1 : bitsAllocated / 8;
  const segments = samples * width;
  const starts = readHeader(bytes, segments);
  const length = bit ? Math.ceil((rows * columns) / 8) : rows * columns;
  if (bytes.length * MAX_EXPANSION < length * segments) {
    throw new AxialError("truncated-pixel-data", { detail: "too few RLE bytes for the frame" });
  }
  const out = Buffer.alloc(length * segments);
  for (let segment = 0; segment < segments; segment += 1) {
    const source = bytes.subarray(starts[segment], starts[segment + 1]);
    const sample = Math.floor(segment / width);
    const significance = width - 1 - (segment % width);
    unpack(source, out, { start: sample * width + significance, step: segments, length });
  }
  return nativeSamples(out, pixels, true);
}

/** Offsets of the segments, and the end of the last. */
function readHeader(bytes: Buffer, segments: number): number[] {
  if (bytes.length < HEADER_BYTES) {
    throw new AxialError("truncated-pixel-data", { detail: "RLE header" });
  }
  const declared = bytes.readUInt32LE(0);
  if (declared !== segments || segments > MAX_SEGMENTS) {
    throw new AxialError("undecodable", {
      detail: `${declared} RLE segments where ${segments} are needed`,
    });
  }
  const starts = Array.from({ length: segments }, (_, i) => bytes.readUInt32LE(4 + i * 4));
  return [...starts, bytes.length];
}

interface Places {
  readonly start: number;
  readonly step: number;
  readonly length: number;
}

/** PackBits. Bytes beyond `length` are padding; too few are an error, as nothing can be guessed. */
function unpack(source: Buffer, out: Buffer, { start, step, length }: Places): void {
  const end = start + step * length;
  let to = start;
  let at = 0;
  while (to < end && at < source.length) {
    const control = source[at] as number;
    at += 1;
    if (control < 128) {
      const stop = Math.min(at + control + 1, source.length);
      for (; at < stop && to < end; at += 1, to += step) out[to] = source[at] as number;
    } else if (control > 128) {
      const value = source[at] ?? 0;
      at += 1;
      for (let left = 257 - control; left > 0 && to < end; left -= 1, to += step) out[to] = value;
    }
  }
  if (to < end) {
    throw new AxialError("truncated-pixel-data", { detail: "an RLE segment ends too early" });
  }
}

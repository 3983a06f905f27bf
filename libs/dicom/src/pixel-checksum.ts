import { crc32 } from "node:zlib";
import type { DataSet } from "./data-set.ts";
import { Tag } from "./tags.ts";

const PIXELS = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData] as const;

/** Bytes that are read of a longer value, evenly over its length. */
const SAMPLES = 64;
const SAMPLE_BYTES = 1_024;

/**
 * CRC-32 of the stored pixel data without offset tables; values and fragments beyond 64 KiB are
 * sampled. Null if there is none, or it is truncated. It recognises the same slice under two UIDs
 * at one place, nothing more: noise makes every sample differ. Reading all of 200 KB would cost a
 * tenth of what accepting the instance costs.
 */
export function pixelChecksum({ elements, bytes }: DataSet): number | null {
  const pixels = PIXELS.flatMap((tag) => elements.get(tag) ?? [])[0];
  if (pixels === undefined) return null;
  const parts = pixels.fragments === null ? [pixels] : pixels.fragments.slice(1);
  let sum = 0;
  for (const { offset, length } of parts) {
    if (length === 0 || offset + length > bytes.length) return null;
    sum = sampled(bytes.subarray(offset, offset + length), sum);
  }
  return parts.length === 0 ? null : sum;
}

function sampled(value: Buffer, before: number): number {
  if (value.length <= SAMPLES * SAMPLE_BYTES) return crc32(value, before);
  let sum = crc32(String(value.length), before);
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const at = Math.floor((sample * (value.length - SAMPLE_BYTES)) / (SAMPLES - 1));
    sum = crc32(value.subarray(at, at + SAMPLE_BYTES), sum);
  }
  return sum;
}

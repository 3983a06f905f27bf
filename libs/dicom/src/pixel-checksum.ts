import { crc32 } from "node:zlib";
import type { DataSet } from "./data-set.ts";
import { Tag } from "./tags.ts";

const PIXELS = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData] as const;

/** Of a value that is longer than all samples together, so much is read, evenly over its length. */
const SAMPLES = 64;
const SAMPLE_BYTES = 1_024;

/**
 * CRC-32 of the pixel data as it is stored, offset tables left out, of samples of each value or
 * fragment beyond 64 KiB; null where there is none or the bytes end before it does. It tells the
 * same slice under two UIDs at one place, nothing more: noise differs in every sample. Read whole,
 * 200 KB cost a tenth of what taking the instance costs.
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

import { crc32 } from "node:zlib";
import type { DataSet } from "./data-set.ts";
import { Tag } from "./tags.ts";

const PIXELS = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData] as const;

/**
 * CRC-32 of the pixel data as it is stored, offset tables left out; null where there is none or
 * the bytes end before it does. It tells the same slice under two UIDs, nothing more.
 */
export function pixelChecksum({ elements, bytes }: DataSet): number | null {
  const pixels = PIXELS.flatMap((tag) => elements.get(tag) ?? [])[0];
  if (pixels === undefined) return null;
  const parts = pixels.fragments === null ? [pixels] : pixels.fragments.slice(1);
  let sum = 0;
  for (const { offset, length } of parts) {
    if (length === 0 || offset + length > bytes.length) return null;
    sum = crc32(bytes.subarray(offset, offset + length), sum);
  }
  return parts.length === 0 ? null : sum;
}

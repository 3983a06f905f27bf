import { endianness } from "node:os";
import { AxialError } from "@axial/contracts";
import { decodeSamples } from "../decode-frame.ts";
import type { PixelArray } from "../frame.ts";
import type { DicomInstance } from "../instance.ts";
import { littleEndianValue } from "../little-endian-value.ts";
import { describePixels, type PixelDescription, unsupported } from "../pixel-description.ts";
import { Tag } from "../tags.ts";

/** The cells of one frame as Explicit VR Little Endian holds them, and what they mean. */
export interface UncompressedFrame {
  readonly bytes: Uint8Array;
  readonly photometric: string;
  /** False once a decoder or an earlier step has put the samples of each pixel together. */
  readonly planar: boolean;
}

const MACHINE_IS_LITTLE = endianness() === "LE";
const PIXEL_TAGS = [Tag.PixelData, Tag.FloatPixelData, Tag.DoubleFloatPixelData] as const;

/**
 * Frame `frame` (counted from 0) without compression. Uncompressed pixel data is passed on as it
 * lies, in little endian. Throws what `decodeFrame` throws.
 */
export async function uncompressedFrame(
  instance: DicomInstance,
  frame: number,
): Promise<UncompressedFrame> {
  const pixels = describePixels(instance.dataset);
  if (!isEncapsulated(instance) && pixels.bitsAllocated >= 8 && frame < pixels.frames) {
    return nativeCells(instance, pixels, frame);
  }
  const { data, photometric } = await decodeSamples(instance, frame);
  const bytes = pixels.bitsAllocated === 1 ? packBits(data) : littleEndianBytes(data);
  return { bytes, photometric, planar: false };
}

/** True when the pixel data lies in fragments. */
export function isEncapsulated({ dataset }: DicomInstance): boolean {
  return dataset.elements.get(Tag.PixelData)?.fragments != null;
}

/** Cells of more than a byte are turned whole; words of OW that hold bytes as words. */
export function nativeUnit(vr: string, bitsAllocated: number): number {
  if (bitsAllocated % 16 === 0) return bitsAllocated / 8;
  return vr === "OW" ? 2 : 1;
}

function nativeCells(
  { dataset }: DicomInstance,
  pixels: PixelDescription,
  frame: number,
): UncompressedFrame {
  const element = PIXEL_TAGS.map((tag) => dataset.elements.get(tag)).find((found) => found);
  const perPixel =
    pixels.photometric === "YBR_FULL_422" && pixels.samples === 3 ? 2 : pixels.samples;
  const bits = pixels.rows * pixels.columns * perPixel * pixels.bitsAllocated;
  if (element === undefined || bits % 8 !== 0) throw unsupported("frames that end inside a byte");
  const [from, length] = [(frame * bits) / 8, bits / 8];
  if (from + length > element.length) {
    const detail = `${element.length} of ${from + length} bytes are there`;
    throw new AxialError("truncated-pixel-data", { detail });
  }
  const unit = nativeUnit(element.vr, pixels.bitsAllocated);
  const own = { ...element, offset: element.offset + from, length };
  const bytes =
    length % unit === 0
      ? littleEndianValue(dataset, own, unit)
      : littleEndianValue(dataset, element, unit).subarray(from, from + length);
  return { bytes, photometric: pixels.photometric, planar: pixels.planar };
}

function littleEndianBytes(data: PixelArray): Uint8Array {
  const bytes = Buffer.from(data.buffer, data.byteOffset, data.byteLength);
  const width = data.BYTES_PER_ELEMENT;
  if (MACHINE_IS_LITTLE || width === 1) return bytes;
  if (width === 2) return bytes.swap16();
  return width === 4 ? bytes.swap32() : bytes.swap64();
}

/** Cells of one bit, the first pixel in the lowest bit (PS3.5 8.1.1). */
function packBits(data: PixelArray): Uint8Array {
  const out = new Uint8Array(Math.ceil(data.length / 8));
  for (let i = 0; i < data.length; i += 1) {
    if (data[i] !== 0) out[i >> 3] = (out[i >> 3] ?? 0) | (1 << (i & 7));
  }
  return out;
}

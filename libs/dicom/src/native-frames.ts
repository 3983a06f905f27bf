import { AxialError } from "@axial/contracts";
import type { DataSet } from "./data-set.ts";
import type { PixelArray } from "./frame.ts";
import { nativeSamples, unpackBits } from "./native-samples.ts";
import type { PixelDescription } from "./pixel-description.ts";
import { Tag } from "./tags.ts";

/** Samples of `frame` out of uncompressed pixel data, as they are stored. */
export function nativeFrame(dataset: DataSet, pixels: PixelDescription, frame: number): PixelArray {
  const bytes = pixelBytes(dataset);
  const count = pixels.rows * pixels.columns * cellsPerPixel(pixels);
  if (pixels.bitsAllocated === 1) return bitFrame(bytes, count, frame);
  const length = (count * pixels.bitsAllocated) / 8;
  const from = Math.floor(frame * length);
  const cells = swapsWords(dataset, pixels) ? swapped(bytes, from, length) : bytes.subarray(from);
  const described = cellsPerPixel(pixels) === 2 ? { ...pixels, samples: 2 } : pixels;
  return nativeSamples(cells, described, dataset.littleEndian);
}

/** 4:2:2 stores two luminances and two chrominances for two pixels: two cells for each. */
function cellsPerPixel({ photometric, samples }: PixelDescription): number {
  return photometric === "YBR_FULL_422" && samples === 3 ? 2 : samples;
}

function pixelBytes(dataset: DataSet): Buffer {
  const value =
    dataset.value(Tag.PixelData) ??
    dataset.value(Tag.FloatPixelData) ??
    dataset.value(Tag.DoubleFloatPixelData);
  if (value === null) throw new AxialError("no-pixel-data");
  return value;
}

/** Frames of single bits follow each other without padding (PS3.5 8.1.1). */
function bitFrame(bytes: Buffer, count: number, frame: number): PixelArray {
  const first = frame * count;
  const needed = Math.ceil((first + count) / 8);
  if (bytes.length < needed) {
    throw new AxialError("truncated-pixel-data", {
      detail: `${bytes.length} of ${needed} bytes are there`,
    });
  }
  return unpackBits(bytes, count, first);
}

/** Big endian swaps the words of OW, also when the cells in them are bytes. */
function swapsWords(dataset: DataSet, { bitsAllocated }: PixelDescription): boolean {
  const vr = dataset.elements.get(Tag.PixelData)?.vr;
  return !dataset.littleEndian && bitsAllocated <= 8 && vr === "OW";
}

function swapped(bytes: Buffer, from: number, length: number): Buffer {
  const start = from & ~1;
  const end = Math.min((from + length + 1) & ~1, bytes.length & ~1);
  const own = Buffer.from(new Uint8Array(bytes.subarray(start, end)).buffer).swap16();
  return own.subarray(from - start);
}

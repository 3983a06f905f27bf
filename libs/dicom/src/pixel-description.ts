import { AxialError } from "@axial/contracts";
import type { DataSet } from "./data-set.ts";
import { frameCount } from "./instance-facts.ts";
import { MAX_FRAME_BYTES, MAX_FRAME_PIXELS } from "./limits.ts";
import { hasPixelData } from "./read-instance.ts";
import { Tag } from "./tags.ts";

/** The image pixel description of PS3.3 C.7.6.3, checked. */
export interface PixelDescription {
  readonly rows: number;
  readonly columns: number;
  readonly samples: number;
  readonly frames: number;
  readonly bitsAllocated: number;
  readonly bitsStored: number;
  readonly highBit: number;
  readonly signed: boolean;
  readonly planar: boolean;
  readonly float: boolean;
  readonly photometric: string;
}

const BITS_ALLOCATED = [1, 8, 12, 16, 32, 64];

/**
 * How the pixels of `dataset` are stored. Throws `no-pixel-data`, `limit-exceeded` for frames
 * beyond the limits, and `unsupported-pixel-format` for what contradicts itself.
 */
export function describePixels(dataset: DataSet): PixelDescription {
  if (!hasPixelData(dataset)) throw new AxialError("no-pixel-data");
  const description = readDescription(dataset);
  checkSize(description);
  checkBits(description);
  return description;
}

function readDescription(dataset: DataSet): PixelDescription {
  const float = !dataset.has(Tag.PixelData);
  const floatBits = dataset.has(Tag.FloatPixelData) ? 32 : 64;
  const bitsAllocated = float ? floatBits : (dataset.int(Tag.BitsAllocated) ?? 0);
  const bitsStored = float ? floatBits : (dataset.int(Tag.BitsStored) ?? bitsAllocated);
  const samples = dataset.int(Tag.SamplesPerPixel) ?? 1;
  return {
    rows: dataset.int(Tag.Rows) ?? 0,
    columns: dataset.int(Tag.Columns) ?? 0,
    samples,
    frames: frameCount(dataset),
    bitsAllocated,
    bitsStored,
    highBit: float ? floatBits - 1 : (dataset.int(Tag.HighBit) ?? bitsStored - 1),
    signed: !float && dataset.int(Tag.PixelRepresentation) === 1,
    planar: samples > 1 && dataset.int(Tag.PlanarConfiguration) === 1,
    float,
    photometric: dataset.string(Tag.PhotometricInterpretation)?.toUpperCase() ?? "MONOCHROME2",
  };
}

function checkSize({ rows, columns, samples, bitsAllocated }: PixelDescription): void {
  const pixels = rows * columns;
  if (pixels === 0) throw unsupported("Rows or Columns is missing or zero");
  const bytes = (pixels * samples * bitsAllocated) / 8;
  if (pixels > MAX_FRAME_PIXELS || bytes > MAX_FRAME_BYTES) {
    throw new AxialError("limit-exceeded", {
      detail: `a frame of ${columns} by ${rows}; the limit is ${MAX_FRAME_PIXELS} pixels`,
    });
  }
}

function checkBits(description: PixelDescription): void {
  const { samples, bitsAllocated, bitsStored, highBit } = description;
  if (samples !== 1 && samples !== 3) throw unsupported(`${samples} samples per pixel`);
  if (!BITS_ALLOCATED.includes(bitsAllocated)) throw unsupported(`${bitsAllocated} bits allocated`);
  if (bitsStored < 1 || bitsStored > bitsAllocated) throw unsupported(`${bitsStored} bits stored`);
  if (highBit < bitsStored - 1 || highBit >= bitsAllocated) {
    throw unsupported(`high bit ${highBit} for ${bitsStored} of ${bitsAllocated} bits`);
  }
}

/** `unsupported-pixel-format` with what is wrong. */
export function unsupported(detail: string): AxialError {
  return new AxialError("unsupported-pixel-format", { detail });
}

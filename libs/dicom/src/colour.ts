import type { DataSet } from "./data-set.ts";
import type { LookUpTable, PixelArray } from "./frame.ts";
import { type PixelDescription, unsupported } from "./pixel-description.ts";
import { expandSegments } from "./segmented-palette.ts";
import { Tag } from "./tags.ts";
import { tableFrom } from "./transforms.ts";

/** Samples of each plane one after another to samples of each pixel together. */
export function interleave(data: PixelArray, pixels: number): PixelArray {
  const out = data.slice();
  for (let i = 0, at = 0; i < pixels; i += 1, at += 3) {
    out[at] = data[i] ?? 0;
    out[at + 1] = data[i + pixels] ?? 0;
    out[at + 2] = data[i + 2 * pixels] ?? 0;
  }
  return out;
}

/** YBR_FULL_422 as it is stored uncompressed, Y Y Cb Cr for two pixels, to Y Cb Cr for each. */
export function expand422(data: PixelArray, { rows, columns }: PixelDescription): Uint8Array {
  const out = new Uint8Array(rows * columns * 3);
  for (let pixel = 0; pixel < rows * columns; pixel += 1) {
    const at = (pixel >> 1) * 4;
    out[pixel * 3] = data[at + (pixel & 1)] ?? 0;
    out[pixel * 3 + 1] = data[at + 2] ?? 0;
    out[pixel * 3 + 2] = data[at + 3] ?? 0;
  }
  return out;
}

/** Interleaved samples of `bits` bits to 8-bit ones. */
export function toEightBits(data: PixelArray, bits: number): Uint8Array {
  if (data instanceof Uint8Array && bits === 8) return data;
  const out = new Uint8Array(data.length);
  const scale = 255 / (2 ** bits - 1);
  for (let i = 0; i < data.length; i += 1) out[i] = Math.round((data[i] ?? 0) * scale);
  return out;
}

/** YCbCr of full range to RGB, PS3.3 C.7.6.3.1.2 (the ITU-R BT.601 weights of JPEG). */
export function ybrToRgb(ybr: Uint8Array): Uint8Array {
  const out = new Uint8ClampedArray(ybr.length);
  for (let at = 0; at + 2 < ybr.length; at += 3) {
    const y = ybr[at] ?? 0;
    const cb = (ybr[at + 1] ?? 0) - 128;
    const cr = (ybr[at + 2] ?? 0) - 128;
    out[at] = y + 1.402 * cr;
    out[at + 1] = y - 0.344136 * cb - 0.714136 * cr;
    out[at + 2] = y + 1.772 * cb;
  }
  return new Uint8Array(out.buffer);
}

const PALETTES = [
  [Tag.RedPaletteDescriptor, Tag.RedPaletteData, Tag.RedSegmentedPaletteData],
  [Tag.GreenPaletteDescriptor, Tag.GreenPaletteData, Tag.GreenSegmentedPaletteData],
  [Tag.BluePaletteDescriptor, Tag.BluePaletteData, Tag.BlueSegmentedPaletteData],
] as const;

/** Indices into the palette of `dataset` to 8-bit RGB, PS3.3 C.7.9. */
export function paletteToRgb(indices: PixelArray, dataset: DataSet, signed: boolean): Uint8Array {
  const out = new Uint8Array(indices.length * 3);
  PALETTES.forEach((tags, sample) => {
    const { first, values, bits } = readPalette(dataset, tags, signed);
    const shift = bits - 8;
    const last = values.length - 1;
    for (let i = 0; i < indices.length; i += 1) {
      const entry = Math.min(Math.max((indices[i] ?? 0) - first, 0), last);
      out[i * 3 + sample] = (values[entry] ?? 0) >> shift;
    }
  });
  return out;
}

function readPalette(
  dataset: DataSet,
  [descriptor, data, segmented]: (typeof PALETTES)[number],
  signed: boolean,
): LookUpTable {
  const [count = 0, first = 0, bits = 16] = dataset.numbers(descriptor);
  const start = signed && first > 0x7fff ? first - 0x1_0000 : first;
  const described = { count, first: start, bits };
  const plain = dataset.has(data) ? tableFrom(dataset, data, described) : null;
  const table = plain ?? expandSegments(dataset, segmented, described);
  if (table === null) throw unsupported("the palette is missing or too short");
  return { ...table, bits: usedBits(table) };
}

/** Some writers announce 16 bits and fill 8: what is in the table decides. */
function usedBits({ values, bits }: LookUpTable): number {
  return values.every((value) => value < 256) ? 8 : bits;
}

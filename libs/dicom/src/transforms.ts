import type { DataSet } from "./data-set.ts";
import type { LookUpTable, ModalityTransform, PaddingRange, VoiTransform } from "./frame.ts";
import { holderOf } from "./functional-groups.ts";
import { MAX_LUT_ENTRIES } from "./limits.ts";
import type { PixelDescription } from "./pixel-description.ts";
import { Tag } from "./tags.ts";

const IDENTITY: ModalityTransform = { kind: "linear", slope: 1, intercept: 0 };

/** The modality LUT of `frame`: the sequence where there is one, else rescale slope and intercept. */
export function modalityTransform(
  dataset: DataSet,
  frame: number,
  signed: boolean,
): ModalityTransform {
  const item = dataset.items(Tag.ModalityLutSequence)[0];
  const table = item && lookUpTable(item, signed);
  if (table) return { kind: "lut", table };
  const holder = holderOf(dataset, frame, [Tag.PixelValueTransformationSequence, Tag.RescaleSlope]);
  const slope = holder.number(Tag.RescaleSlope) ?? 1;
  const intercept = holder.number(Tag.RescaleIntercept) ?? 0;
  if (slope === 0 || (slope === 1 && intercept === 0)) return IDENTITY;
  return { kind: "linear", slope, intercept };
}

/** VOI LUTs, then windows, of `frame`, in the order of the file. */
export function voiTransforms(dataset: DataSet, frame: number, signed: boolean): VoiTransform[] {
  const tables = dataset
    .items(Tag.VoiLutSequence)
    .flatMap((item) => lookUpTable(item, signed) ?? [])
    .map((table): VoiTransform => ({ kind: "lut", table }));
  return [...tables, ...windows(dataset, frame)];
}

function windows(dataset: DataSet, frame: number): VoiTransform[] {
  const holder = holderOf(dataset, frame, [Tag.FrameVoiLutSequence, Tag.WindowCenter]);
  const widths = holder.numbers(Tag.WindowWidth);
  const shape = windowShape(holder.string(Tag.VoiLutFunction));
  return holder.numbers(Tag.WindowCenter).flatMap((center, index) => {
    const width = widths[index] ?? Number.NaN;
    const least = shape === "LINEAR" ? width >= 1 : width > 0;
    return Number.isFinite(center) && Number.isFinite(width) && least
      ? [{ kind: "window", center, width, shape }]
      : [];
  });
}

function windowShape(name: string | null): "LINEAR" | "LINEAR_EXACT" | "SIGMOID" {
  return name === "LINEAR_EXACT" || name === "SIGMOID" ? name : "LINEAR";
}

/** LUTDescriptor and LUTData of `item`, PS3.3 C.11.1.1; null when they make no table. */
function lookUpTable(item: DataSet, signed: boolean): LookUpTable | null {
  const [count, first, bits] = item.numbers(Tag.LutDescriptor);
  if (count === undefined || first === undefined || bits === undefined) return null;
  return tableFrom(item, Tag.LutData, { count, first: asIndex(first, signed), bits });
}

/** The first input value is signed when the pixels are, whatever VR the descriptor was given. */
function asIndex(first: number, signed: boolean): number {
  return signed && first > 0x7fff ? first - 0x1_0000 : first;
}

/** The table stored in `tag` of `item`: entries of 16 bits, or of 8 where the bytes are so few. */
export function tableFrom(
  item: DataSet,
  tag: number,
  { count, first, bits }: { count: number; first: number; bits: number },
): LookUpTable | null {
  const length = count === 0 ? MAX_LUT_ENTRIES : count;
  const bytes = item.value(tag);
  if (bytes === null || length < 0 || length > MAX_LUT_ENTRIES) return null;
  const values = new Uint16Array(length);
  const wide = bytes.length >= 2 * length;
  if (!wide && bytes.length < length) return null;
  for (let i = 0; i < length; i += 1) {
    if (!wide) values[i] = bytes[i] ?? 0;
    else values[i] = item.littleEndian ? bytes.readUInt16LE(2 * i) : bytes.readUInt16BE(2 * i);
  }
  return { first, bits: Math.min(Math.max(bits, 8), 16), values };
}

/** PixelPaddingValue and its limit as stored values; null when there is no padding. */
export function paddingRange(dataset: DataSet, pixels: PixelDescription): PaddingRange | null {
  const value = dataset.number(Tag.PixelPaddingValue);
  if (value === null) return null;
  const limit = dataset.number(Tag.PixelPaddingRangeLimit) ?? value;
  const [a, b] = [asStored(value, pixels), asStored(limit, pixels)];
  return { low: Math.min(a, b), high: Math.max(a, b) };
}

/** The padding value is often written as US for signed pixels: the bits are what counts. */
function asStored(value: number, { signed, bitsAllocated }: PixelDescription): number {
  if (bitsAllocated > 16) return value;
  if (signed) return (value << 16) >> 16;
  return value & 0xffff;
}

/** Row spacing / column spacing, from the instance's pixel size; 1 when unknown. */
export function pixelAspectOf(dataset: DataSet, frame: number): number {
  const holder = holderOf(dataset, frame, [Tag.PixelMeasuresSequence, Tag.PixelSpacing]);
  const candidates = [
    holder.numbers(Tag.PixelSpacing),
    dataset.numbers(Tag.ImagerPixelSpacing),
    dataset.numbers(Tag.NominalScannedPixelSpacing),
    dataset.numbers(Tag.PixelAspectRatio),
  ];
  for (const [row, column] of candidates) {
    if (row !== undefined && column !== undefined && row > 0 && column > 0) return row / column;
  }
  return 1;
}

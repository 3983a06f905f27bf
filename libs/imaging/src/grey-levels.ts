import type { Preprocessing } from "@axial/contracts";
import type { Frame, PaddingRange, PixelArray } from "@axial/dicom";
import { type DisplayFunction, displayFunction, type ValueStatistics } from "./display-range.ts";
import { mapLevels } from "./map-levels.ts";
import { scratchBytes } from "./scratch.ts";

const VALUES = 65_536;
const WORD = 0xffff;

type SmallIntegers = Uint8Array | Int8Array | Uint16Array | Int16Array;

/**
 * A grey frame as 8 bits, rows × columns, dark is low: modality and display transforms,
 * MONOCHROME1 turned round if asked for, padding black. The result is scratch memory: the next
 * frame overwrites it.
 */
export function greyLevels(
  frame: Frame,
  preprocessing: Pick<Preprocessing, "intensity" | "invertMonochrome1">,
): Uint8Array {
  const { data } = frame;
  const out = scratchBytes("grey levels", data.length);
  const inverts = preprocessing.invertMonochrome1 && frame.photometric === "MONOCHROME1";
  if (isSmallIntegers(data)) {
    const table = buildTable(frame, data, { intensity: preprocessing.intensity, inverts });
    mapLevels(data, table, out);
    return out;
  }
  const statistics = () => sortedStatistics(data, frame.padding);
  const display = displayFunction(frame, preprocessing.intensity, statistics);
  for (let i = 0; i < data.length; i += 1) {
    const stored = data[i] as number;
    out[i] = isPadding(stored, frame.padding) ? 0 : level(display(stored), inverts);
  }
  return out;
}

function isSmallIntegers(data: PixelArray): data is SmallIntegers {
  return data.BYTES_PER_ELEMENT <= 2;
}

function isPadding(stored: number, padding: PaddingRange | null): boolean {
  return padding !== null && stored >= padding.low && stored <= padding.high;
}

/** Rounded half up and clipped; what is not a number is dark. */
function level(value: number, inverts: boolean): number {
  const rounded = value >= 255 ? 255 : value > 0 ? Math.floor(value + 0.5) : 0;
  return inverts ? 255 - rounded : rounded;
}

interface TableRequest {
  readonly intensity: Preprocessing["intensity"];
  readonly inverts: boolean;
}

/** One entry for every value between the least and the greatest that occur, at its 16 bits. */
function buildTable(frame: Frame, data: SmallIntegers, request: TableRequest): Uint8Array {
  const counts = countValues(data);
  const range = occupied(counts, frame);
  const statistics = () => countedStatistics(counts, range, frame.padding);
  const display = displayFunction(frame, request.intensity, statistics);
  const table = scratchBytes("level table", VALUES);
  fillTable(table, range, { display, inverts: request.inverts });
  if (frame.padding) fillPadding(table, range, frame.padding);
  return table;
}

interface Range {
  readonly least: number;
  readonly greatest: number;
}

interface Levels {
  readonly display: DisplayFunction;
  readonly inverts: boolean;
}

function fillTable(table: Uint8Array, { least, greatest }: Range, levels: Levels): void {
  for (let value = least; value <= greatest; value += 1) {
    table[value & WORD] = level(levels.display(value), levels.inverts);
  }
}

function fillPadding(table: Uint8Array, range: Range, padding: PaddingRange): void {
  const from = Math.max(padding.low, range.least);
  const to = Math.min(padding.high, range.greatest);
  for (let value = from; value <= to; value += 1) table[value & WORD] = 0;
}

const counts = new Int32Array(VALUES);
const others = new Int32Array(VALUES);

/** Neighbours are mostly alike: counted in two tables they need not wait for each other. */
function countValues(data: SmallIntegers): Int32Array {
  counts.fill(0);
  others.fill(0);
  for (let i = 0; i + 1 < data.length; i += 2) {
    const value = (data[i] as number) & WORD;
    const next = (data[i + 1] as number) & WORD;
    counts[value] = (counts[value] as number) + 1;
    others[next] = (others[next] as number) + 1;
  }
  if (data.length % 2 === 1) {
    const last = (data.at(-1) ?? 0) & WORD;
    counts[last] = (counts[last] as number) + 1;
  }
  for (let value = 0; value < VALUES; value += 1) {
    counts[value] = (counts[value] as number) + (others[value] as number);
  }
  return counts;
}

/** Least and greatest value that occur, padding included; decoded values fit into BitsStored. */
function occupied(histogram: Int32Array, { signed, bitsStored }: Frame): Range {
  const span = 2 ** Math.min(bitsStored, 16);
  const lowest = signed ? -span / 2 : 0;
  const highest = lowest + span - 1;
  return {
    least: firstUsed(histogram, lowest, highest),
    greatest: lastUsed(histogram, lowest, highest),
  };
}

function firstUsed(histogram: Int32Array, lowest: number, highest: number): number {
  for (let value = lowest; value < highest; value += 1) {
    if (histogram[value & WORD] !== 0) return value;
  }
  return highest;
}

function lastUsed(histogram: Int32Array, lowest: number, highest: number): number {
  for (let value = highest; value > lowest; value -= 1) {
    if (histogram[value & WORD] !== 0) return value;
  }
  return lowest;
}

/** Statistics from counts; where everything is padding, padding counts too. */
function countedStatistics(
  histogram: Int32Array,
  range: Range,
  padding: PaddingRange | null,
): ValueStatistics {
  let { least, greatest } = range;
  const counts = (value: number) => (isPadding(value, padding) ? 0 : histogram[value & WORD]) ?? 0;
  while (least < greatest && counts(least) === 0) least += 1;
  while (greatest > least && counts(greatest) === 0) greatest -= 1;
  let total = 0;
  for (let value = least; value <= greatest; value += 1) total += counts(value);
  if (total === 0 && padding !== null) return countedStatistics(histogram, range, null);
  const percentile = (percent: number) => {
    const rank = (percent / 100) * (total - 1);
    const below = valueAt(Math.floor(rank), least, counts);
    const above = valueAt(Math.ceil(rank), least, counts);
    return below + (above - below) * (rank - Math.floor(rank));
  };
  return { least, greatest, percentile };
}

function valueAt(rank: number, least: number, counts: (value: number) => number): number {
  let value = least;
  let seen = counts(value);
  while (seen <= rank) {
    value += 1;
    seen += counts(value);
  }
  return value;
}

/** Statistics of values that are too many or not whole: by sorting a copy. */
function sortedStatistics(data: PixelArray, padding: PaddingRange | null): ValueStatistics {
  const kept = Float64Array.from(data).filter((v) => Number.isFinite(v) && !isPadding(v, padding));
  const sorted = kept.length > 0 ? kept.sort() : new Float64Array(1);
  const percentile = (percent: number) => {
    const rank = (percent / 100) * (sorted.length - 1);
    const below = sorted[Math.floor(rank)] ?? 0;
    const above = sorted[Math.ceil(rank)] ?? below;
    return below + (above - below) * (rank - Math.floor(rank));
  };
  return { least: sorted[0] ?? 0, greatest: sorted.at(-1) ?? 0, percentile };
}

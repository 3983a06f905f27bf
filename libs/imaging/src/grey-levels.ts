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
  const counts = countValues(data, spanOf(frame));
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

/** How many values there are: decoded ones fit into BitsStored. */
function spanOf({ bitsStored }: Frame): number {
  return 2 ** Math.min(bitsStored, 16);
}

/**
 * How often each of `span` values occurs, at its lowest bits. Neighbours are mostly alike: counted
 * in two tables they need not wait for each other. Words that lie well are read by two.
 */
function countValues(data: SmallIntegers, span: number): Int32Array {
  const even = counts.subarray(0, span).fill(0);
  const odd = others.subarray(0, span).fill(0);
  const wellPlaced = data.BYTES_PER_ELEMENT === 2 && data.byteOffset % 4 === 0;
  const pairs = wellPlaced ? data.length >> 1 : 0;
  if (wellPlaced) countPairs(new Uint32Array(data.buffer, data.byteOffset, pairs), even, odd);
  countOneByOne(data.subarray(pairs * 2), even);
  for (let value = 0; value < span; value += 1) {
    even[value] = (even[value] as number) + (odd[value] as number);
  }
  return even;
}

function countPairs(pairs: Uint32Array, even: Int32Array, odd: Int32Array): void {
  const mask = even.length - 1;
  for (let i = 0; i < pairs.length; i += 1) {
    const pair = pairs[i] as number;
    const first = pair & mask;
    const second = (pair >>> 16) & mask;
    even[first] = (even[first] as number) + 1;
    odd[second] = (odd[second] as number) + 1;
  }
}

function countOneByOne(data: SmallIntegers, table: Int32Array): void {
  const mask = table.length - 1;
  for (let i = 0; i < data.length; i += 1) {
    const value = (data[i] as number) & mask;
    table[value] = (table[value] as number) + 1;
  }
}

/** Least and greatest value that occur, padding included. */
function occupied(histogram: Int32Array, frame: Frame): Range {
  const span = spanOf(frame);
  const lowest = frame.signed ? -span / 2 : 0;
  const highest = lowest + span - 1;
  return {
    least: firstUsed(histogram, lowest, highest),
    greatest: lastUsed(histogram, lowest, highest),
  };
}

function firstUsed(histogram: Int32Array, lowest: number, highest: number): number {
  const mask = histogram.length - 1;
  for (let value = lowest; value < highest; value += 1) {
    if (histogram[value & mask] !== 0) return value;
  }
  return highest;
}

function lastUsed(histogram: Int32Array, lowest: number, highest: number): number {
  const mask = histogram.length - 1;
  for (let value = highest; value > lowest; value -= 1) {
    if (histogram[value & mask] !== 0) return value;
  }
  return lowest;
}

/** Statistics from counts; where everything is padding, padding counts too. */
function countedStatistics(
  histogram: Int32Array,
  range: Range,
  padding: PaddingRange | null,
): ValueStatistics {
  const upTo = cumulate(histogram, range, padding);
  const total = upTo[upTo.length - 1] as number;
  if (total === 0 && padding !== null) return countedStatistics(histogram, range, null);
  const valueAt = (rank: number) => range.least + firstAbove(upTo, rank);
  const percentile = (percent: number) => {
    const rank = (percent / 100) * (total - 1);
    const below = valueAt(Math.floor(rank));
    const above = valueAt(Math.ceil(rank));
    return below + (above - below) * (rank - Math.floor(rank));
  };
  return { least: valueAt(0), greatest: valueAt(total - 1), percentile };
}

const sums = new Int32Array(VALUES);

/** For each value of the range how many are at most as great, padding left out. */
function cumulate(
  histogram: Int32Array,
  { least, greatest }: Range,
  padding: PaddingRange | null,
): Int32Array {
  const mask = histogram.length - 1;
  const { low, high } = padding ?? { low: 1, high: 0 };
  const upTo = sums.subarray(0, greatest - least + 1);
  let sum = 0;
  for (let value = least; value <= greatest; value += 1) {
    if (value < low || value > high) sum += histogram[value & mask] as number;
    upTo[value - least] = sum;
  }
  return upTo;
}

/** Index of the first of the ascending `sums` that is above `rank`. */
function firstAbove(sums: Int32Array, rank: number): number {
  let [from, to] = [0, sums.length - 1];
  while (from < to) {
    const middle = (from + to) >>> 1;
    if ((sums[middle] as number) > rank) to = middle;
    else from = middle + 1;
  }
  return from;
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

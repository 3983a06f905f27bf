import { checkCodes, type JpegHeader, undecodable } from "./header.ts";
import { BitReader } from "./huffman.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import { differenceLookup } from "./lookup.ts";
import { forEachScan, huffmanTable, type Scan, type Tables } from "./scan.ts";

/**
 * Lossless JPEG with Huffman coding, ISO 10918-1 process 14 with every predictor. Interleaved
 * values of 2 to 16 bits; throws `undecodable`.
 */
export function decodeLossless(bytes: Buffer, header: JpegHeader): Uint16Array {
  const { rows, columns, components, precision, layout } = header;
  if (precision < 2 || precision > 16) throw undecodable(`${precision} bits`);
  if (layout.some(({ horizontal, vertical }) => horizontal !== 1 || vertical !== 1)) {
    if (components > 1) throw undecodable("subsampled lossless components");
  }
  checkCodes(bytes, rows * columns * components);
  const out = new Uint16Array(rows * columns * components);
  forEachScan(bytes, header, (scan, tables) => decodeScan({ bytes, header, scan, tables, out }));
  return out;
}

interface ScanWork {
  readonly bytes: Buffer;
  readonly header: JpegHeader;
  readonly scan: Scan;
  readonly tables: Tables;
  readonly out: Uint16Array;
}

interface LineWork {
  readonly reader: BitReader;
  readonly out: Uint16Array;
  /** Values from one line to the next. */
  readonly stride: number;
  /** Values from one pixel to the next. */
  readonly step: number;
  readonly predictor: number;
  readonly initial: number;
  /** Of a line of one component. */
  readonly differences: Int32Array;
}

function decodeScan({ bytes, header, scan, tables, out }: ScanWork): number {
  const { rows, columns, components: step, precision } = header;
  const reader = new BitReader(bytes, scan.data);
  const parts = scan.components.map(({ index, dcTable }) => {
    const table = huffmanTable(tables, 0, dcTable);
    return { offset: index, table, lookup: differenceLookup(table) };
  });
  const stride = columns * step;
  const initial = 1 << Math.max(0, precision - scan.low - 1);
  const differences = new Int32Array(columns);
  const work = { reader, out, stride, step, predictor: scan.start, initial, differences };
  const restartLines = restartLinesOf(tables.restartInterval, columns);
  for (let row = 0; row < rows; row += 1) {
    const restarts = restartLines > 0 && row > 0 && row % restartLines === 0;
    if (restarts) reader.restart();
    decodeLine(work, parts, { at: row * stride, first: row === 0 || restarts });
    if (reader.exhausted) throw undecodable("the scan ends too early");
  }
  if (scan.low > 0) shiftUp(out, scan);
  return reader.position;
}

/** Restart intervals of lossless scans are whole lines, H.1.1. */
function restartLinesOf(interval: number, columns: number): number {
  if (interval % columns !== 0) throw undecodable("a restart inside of a line");
  return interval / columns;
}

function shiftUp(out: Uint16Array, { low }: Scan): void {
  for (let i = 0; i < out.length; i += 1) out[i] = (out[i] as number) << low;
}

interface Part {
  readonly offset: number;
  readonly table: HuffmanTable;
  readonly lookup: Int32Array;
}

interface Line {
  readonly at: number;
  /** First of the scan or after a restart: there is nothing above. */
  readonly first: boolean;
}

function decodeLine(work: LineWork, parts: readonly Part[], line: Line): void {
  const [only] = parts;
  if (parts.length === 1 && only) {
    decodeRun(work, only, line);
    return;
  }
  for (let x = 0; x < work.stride; x += work.step) {
    for (const part of parts) decodeSample(work, part, { ...line, x });
  }
}

/** A line of one component: its differences, then what is predicted before each of them. */
function decodeRun(
  { reader, out, stride, step, predictor, initial, differences }: LineWork,
  { offset, table, lookup }: Part,
  { at, first }: Line,
): void {
  reader.differences(table, lookup, differences);
  const begin = at + offset;
  let left = (first ? initial : (out[begin - stride] as number)) + (differences[0] as number);
  out[begin] = left;
  left &= 0xffff;
  if (first || predictor === 1) {
    for (let x = 1, to = begin + step; x < differences.length; x += 1, to += step) {
      left = (left + (differences[x] as number)) & 0xffff;
      out[to] = left;
    }
    return;
  }
  const predict = PREDICTORS[predictor];
  if (predict === undefined) throw undecodable(`predictor ${predictor}`);
  let above = begin - stride;
  let corner = out[above] as number;
  for (let x = 1, to = begin + step; x < differences.length; x += 1, to += step) {
    above += step;
    const up = out[above] as number;
    left = (predict(left, up, corner) + (differences[x] as number)) & 0xffff;
    corner = up;
    out[to] = left;
  }
}

/** For one difference at a time. */
const one = new Int32Array(1);

function decodeSample(
  { reader, out, stride, step, predictor, initial }: LineWork,
  { offset, table, lookup }: Part,
  { at, first, x }: Line & { x: number },
): void {
  const to = at + x + offset;
  reader.differences(table, lookup, one);
  const difference = one[0] as number;
  if (x === 0) {
    out[to] = (first ? initial : (out[to - stride] as number)) + difference;
    return;
  }
  const left = out[to - step] as number;
  const above = first ? left : (out[to - stride] as number);
  const corner = first ? left : (out[to - stride - step] as number);
  const predict = PREDICTORS[first ? 1 : predictor];
  if (predict === undefined) throw undecodable(`predictor ${predictor}`);
  out[to] = predict(left, above, corner) + difference;
}

/** Table H.1: from the values to the left, above, and above to the left. */
const PREDICTORS: Readonly<
  Record<number, (left: number, above: number, corner: number) => number>
> = {
  1: (left) => left,
  2: (_, above) => above,
  3: (_, __, corner) => corner,
  4: (left, above, corner) => left + above - corner,
  5: (left, above, corner) => left + ((above - corner) >> 1),
  6: (left, above, corner) => above + ((left - corner) >> 1),
  7: (left, above) => (left + above) >> 1,
};

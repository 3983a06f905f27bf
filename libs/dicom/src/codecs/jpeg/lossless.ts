import { checkCodes, type JpegHeader, undecodable } from "./header.ts";
import { BitReader, type HuffmanTable } from "./huffman.ts";
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
}

function decodeScan({ bytes, header, scan, tables, out }: ScanWork): number {
  const { rows, columns, components: step, precision } = header;
  const reader = new BitReader(bytes, scan.data);
  const parts = scan.components.map(({ index, dcTable }) => ({
    offset: index,
    table: huffmanTable(tables, 0, dcTable),
  }));
  const stride = columns * step;
  const initial = 1 << Math.max(0, precision - scan.low - 1);
  const work = { reader, out, stride, step, predictor: scan.start, initial };
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

/** A line of one component: the loop that grey images spend their time in. */
function decodeRun(work: LineWork, { offset, table }: Part, { at, first }: Line): void {
  const { reader, out, stride, step, predictor, initial } = work;
  const begin = at + offset;
  const end = at + stride;
  let left = (first ? initial : (out[begin - stride] as number)) + readDifference(reader, table);
  out[begin] = left;
  left &= 0xffff;
  if (first || predictor === 1) {
    for (let to = begin + step; to < end; to += step) {
      left = (left + readDifference(reader, table)) & 0xffff;
      out[to] = left;
    }
    return;
  }
  for (let to = begin + step; to < end; to += step) {
    const above = out[to - stride] as number;
    const corner = out[to - stride - step] as number;
    left = (predict(predictor, { left, above, corner }) + readDifference(reader, table)) & 0xffff;
    out[to] = left;
  }
}

function decodeSample(
  { reader, out, stride, step, predictor, initial }: LineWork,
  { offset, table }: Part,
  { at, first, x }: Line & { x: number },
): void {
  const to = at + x + offset;
  const difference = readDifference(reader, table);
  if (x === 0) {
    out[to] = (first ? initial : (out[to - stride] as number)) + difference;
    return;
  }
  const left = out[to - step] as number;
  const above = first ? left : (out[to - stride] as number);
  const corner = first ? left : (out[to - stride - step] as number);
  out[to] = predict(first ? 1 : predictor, { left, above, corner }) + difference;
}

/** A category of 16 is 32768 without further bits, H.1.2.2. */
function readDifference(reader: BitReader, table: HuffmanTable): number {
  const category = reader.code(table);
  if (category < 16) return reader.difference(category);
  if (category > 16) throw undecodable("a difference of more than 16 bits");
  return 32_768;
}

interface Neighbours {
  readonly left: number;
  readonly above: number;
  readonly corner: number;
}

/** Table H.1. */
function predict(predictor: number, { left, above, corner }: Neighbours): number {
  switch (predictor) {
    case 1:
      return left;
    case 2:
      return above;
    case 3:
      return corner;
    case 4:
      return left + above - corner;
    case 5:
      return left + ((above - corner) >> 1);
    case 6:
      return above + ((left - corner) >> 1);
    case 7:
      return (left + above) >> 1;
    default:
      throw undecodable(`predictor ${predictor}`);
  }
}

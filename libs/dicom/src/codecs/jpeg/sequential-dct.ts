import { checkCodes, type JpegHeader, undecodable } from "./header.ts";
import { BitReader } from "./huffman.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import { inverseDct, ZIGZAG } from "./inverse-dct.ts";
import { coefficientLookup } from "./lookup.ts";
import { forEachScan, huffmanTable, type Scan, type Tables } from "./scan.ts";

const BLOCK = 8;

/**
 * Sequential DCT JPEG of one component with 8 or 12 bits, ISO 10918-1 processes 1, 2 and 4: the
 * 12-bit process that no WASM build on the registry has. Throws `undecodable`.
 */
export function decodeSequentialDct(bytes: Buffer, header: JpegHeader): Uint16Array {
  if (header.components !== 1) throw undecodable("12 bits in several components");
  checkCodes(bytes, (header.rows * header.columns * 2) / (BLOCK * BLOCK));
  const out = new Uint16Array(header.rows * header.columns);
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

interface BlockTables {
  readonly dc: HuffmanTable;
  readonly ac: HuffmanTable;
  readonly coefficients: Int32Array;
  readonly quantisation: Uint16Array;
}

function decodeScan({ bytes, header, scan, tables, out }: ScanWork): number {
  const used = blockTables(scan, tables);
  const reader = new BitReader(bytes, scan.data);
  const across = Math.ceil(header.columns / BLOCK);
  const blocks = across * Math.ceil(header.rows / BLOCK);
  const coefficients = new Float64Array(BLOCK * BLOCK);
  let predicted = 0;
  for (let block = 0; block < blocks; block += 1) {
    if (tables.restartInterval > 0 && block > 0 && block % tables.restartInterval === 0) {
      reader.restart();
      predicted = 0;
    }
    predicted = readBlock(reader, used, { predicted, coefficients });
    inverseDct(coefficients);
    const place = { row: Math.floor(block / across) * BLOCK, column: (block % across) * BLOCK };
    storeBlock(coefficients, header, { ...place, out });
    if (reader.exhausted) throw undecodable("the scan ends too early");
  }
  return reader.position;
}

function blockTables({ components }: Scan, tables: Tables): BlockTables {
  const [part] = components;
  const quantisation = part && tables.quantisation.get(part.component.quantisation);
  if (!part || !quantisation) throw undecodable("a quantisation table is missing");
  const ac = huffmanTable(tables, 1, part.acTable);
  const dc = huffmanTable(tables, 0, part.dcTable);
  return { dc, ac, coefficients: coefficientLookup(ac), quantisation };
}

interface Block {
  readonly predicted: number;
  readonly coefficients: Float64Array;
}

/** Reads and dequantises one block; returns its DC value, which predicts the next one's. */
function readBlock(reader: BitReader, tables: BlockTables, block: Block): number {
  const { coefficients } = block;
  const { dc, ac, coefficients: lookup, quantisation } = tables;
  coefficients.fill(0);
  const category = reader.code(dc);
  if (category > 16) throw undecodable("a DC difference of more than 16 bits");
  const value = block.predicted + reader.difference(category);
  coefficients[0] = value * (quantisation[0] as number);
  reader.coefficients(ac, lookup, { places: ZIGZAG, steps: quantisation, block: coefficients });
  return value;
}

interface Place {
  readonly row: number;
  readonly column: number;
  readonly out: Uint16Array;
}

function storeBlock(samples: Float64Array, header: JpegHeader, { row, column, out }: Place): void {
  const { rows, columns, precision } = header;
  const rounding = 2 ** (precision - 1) + 0.5;
  const greatest = 2 ** precision - 1;
  const height = Math.min(BLOCK, rows - row);
  const width = Math.min(BLOCK, columns - column);
  for (let y = 0; y < height; y += 1) {
    const to = (row + y) * columns + column;
    for (let x = 0; x < width; x += 1) {
      // Rounded; what is below zero becomes zero.
      const value = ((samples[y * BLOCK + x] as number) + rounding) | 0;
      out[to + x] = Math.min(Math.max(value, 0), greatest);
    }
  }
}

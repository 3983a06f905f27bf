import { type Component, type JpegHeader, Marker, readSegment, undecodable } from "./header.ts";
import { readHuffmanTables } from "./huffman.ts";
import type { HuffmanTable } from "./huffman-table.ts";

/** A component's part in a scan. */
interface ScanComponent {
  readonly component: Component;
  /** Place of the component in the frame header. */
  readonly index: number;
  readonly dcTable: number;
  readonly acTable: number;
}

/** One scan: its components, its three parameters, and where its entropy-coded bytes begin. */
export interface Scan {
  readonly components: readonly ScanComponent[];
  /** Ss: the predictor of a lossless scan. */
  readonly start: number;
  /** Al: the point transform of a lossless scan. */
  readonly low: number;
  readonly data: number;
}

/** Tables in force at a scan. */
export interface Tables {
  readonly huffman: Map<number, HuffmanTable>;
  readonly quantisation: Map<number, Uint16Array>;
  restartInterval: number;
}

/**
 * Calls `decode` for each scan with the tables that hold for it; `decode` returns where its data
 * ended. Ends at EOI, or where the bytes end after at least one scan.
 */
export function forEachScan(
  bytes: Buffer,
  header: JpegHeader,
  decode: (scan: Scan, tables: Tables) => number,
): void {
  const tables: Tables = { huffman: new Map(), quantisation: new Map(), restartInterval: 0 };
  let at = 2;
  let scanned = 0;
  while (scanned < header.components && at + 4 <= bytes.length) {
    const segment = readSegment(bytes, at);
    const body = bytes.subarray(segment.start, segment.end);
    at = segment.end;
    switch (segment.marker) {
      case Marker.DHT:
        readHuffmanTables(body, tables.huffman);
        break;
      case Marker.DQT:
        readQuantisationTables(body, tables.quantisation);
        break;
      case Marker.DRI:
        tables.restartInterval = body.length >= 2 ? body.readUInt16BE(0) : 0;
        break;
      case Marker.SOS: {
        const scan = readScan(body, header, segment.end);
        scanned += scan.components.length;
        at = decode(scan, tables);
        break;
      }
    }
  }
  if (scanned === 0) throw undecodable("no scan");
}

function readScan(body: Buffer, header: JpegHeader, data: number): Scan {
  const count = body[0] ?? 0;
  if (count === 0 || body.length < 4 + count * 2) throw undecodable("bad scan header");
  const components = Array.from({ length: count }, (_, i): ScanComponent => {
    const id = body[1 + i * 2];
    const index = header.layout.findIndex((each) => each.id === id);
    const component = header.layout[index];
    if (component === undefined) throw undecodable("a scan of an unknown component");
    const tables = body[2 + i * 2] ?? 0;
    return { component, index, dcTable: tables >> 4, acTable: tables & 15 };
  });
  const parameters = body.subarray(1 + count * 2);
  return { components, start: parameters[0] ?? 0, low: (parameters[2] ?? 0) & 15, data };
}

function readQuantisationTables(body: Buffer, tables: Map<number, Uint16Array>): void {
  let at = 0;
  while (at < body.length) {
    const wide = (body[at] ?? 0) >> 4 !== 0;
    const length = wide ? 128 : 64;
    if (at + 1 + length > body.length) throw undecodable("bad quantisation table");
    const table = new Uint16Array(64);
    for (let i = 0; i < 64; i += 1) {
      table[i] = wide ? body.readUInt16BE(at + 1 + i * 2) : (body[at + 1 + i] ?? 0);
    }
    tables.set((body[at] ?? 0) & 15, table);
    at += 1 + length;
  }
}

/** The table, or `undecodable`. */
export function huffmanTable(tables: Tables, tableClass: 0 | 1, id: number): HuffmanTable {
  const table = tables.huffman.get(tableClass * 16 + id);
  if (table === undefined) throw undecodable("a Huffman table is missing");
  return table;
}

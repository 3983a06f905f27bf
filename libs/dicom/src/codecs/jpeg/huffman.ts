import { undecodable } from "./header.ts";

const LOOKAHEAD = 9;
const MAX_CODE_LENGTH = 16;

/**
 * A Huffman table (ISO 10918-1 annex C): short codes by one look-up of `LOOKAHEAD` bits, which
 * gives length and value in one number, longer ones by their range.
 */
export interface HuffmanTable {
  /** (length << 8) | value for the next nine bits, 0 where the code is longer. */
  readonly fast: Uint16Array;
  /** Largest code of each length, left-aligned in 16 bits, exclusive. */
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

/** Reads the tables of one DHT segment into `tables`, which is indexed by class × 16 + id. */
export function readHuffmanTables(segment: Buffer, tables: Map<number, HuffmanTable>): void {
  let at = 0;
  while (at + 17 <= segment.length) {
    const counts = segment.subarray(at + 1, at + 17);
    const total = counts.reduce((sum, count) => sum + count, 0);
    if (total > 256 || at + 17 + total > segment.length) throw undecodable("bad Huffman table");
    const values = segment.subarray(at + 17, at + 17 + total);
    tables.set(segment[at] ?? 0, buildTable(counts, values));
    at += 17 + total;
  }
}

function buildTable(counts: Uint8Array, values: Uint8Array): HuffmanTable {
  const fast = new Uint16Array(1 << LOOKAHEAD);
  const limits = new Int32Array(MAX_CODE_LENGTH + 2);
  const offsets = new Int32Array(MAX_CODE_LENGTH + 2);
  let code = 0;
  let index = 0;
  for (let length = 1; length <= MAX_CODE_LENGTH; length += 1) {
    const count = counts[length - 1] ?? 0;
    if (code + count > 1 << length) throw undecodable("oversubscribed Huffman table");
    offsets[length] = index - code;
    if (length <= LOOKAHEAD)
      fillFast(fast, { code, length, values: values.subarray(index, index + count) });
    code += count;
    index += count;
    limits[length] = code << (MAX_CODE_LENGTH - length);
    code <<= 1;
  }
  return { fast, limits, offsets, values: Uint8Array.from(values) };
}

interface Run {
  readonly code: number;
  readonly length: number;
  readonly values: Uint8Array;
}

function fillFast(fast: Uint16Array, { code, length, values }: Run): void {
  const width = 1 << (LOOKAHEAD - length);
  values.forEach((value, i) => {
    fast.fill((length << 8) | value, (code + i) * width, (code + i + 1) * width);
  });
}

/**
 * Bits of an entropy-coded segment: stuffed zeros are dropped, and after a marker or the end come
 * zeros for ever, counted so that a decoder fed with nothing stops.
 */
export class BitReader {
  readonly #bytes: Buffer;
  #at: number;
  #bits = 0;
  #count = 0;
  /** Bits that were made up after the data ended. */
  #missing = 0;

  constructor(bytes: Buffer, at: number) {
    this.#bytes = bytes;
    this.#at = at;
  }

  get position(): number {
    return this.#at;
  }

  /** More was read than there is. The last code may reach into its padding. */
  get exhausted(): boolean {
    return this.#missing > 64;
  }

  #fill(): void {
    while (this.#count <= 16) {
      const byte = this.#bytes[this.#at];
      if (byte === undefined || (byte === 0xff && this.#bytes[this.#at + 1] !== 0)) {
        this.#missing += 8;
        this.#bits <<= 8;
      } else {
        this.#bits = (this.#bits << 8) | byte;
        this.#at += byte === 0xff ? 2 : 1;
      }
      this.#count += 8;
    }
  }

  /** The value of the next Huffman code. */
  code(table: HuffmanTable): number {
    if (this.#count < 16) this.#fill();
    const entry = table.fast[(this.#bits >>> (this.#count - LOOKAHEAD)) & 0x1ff] as number;
    if (entry !== 0) {
      this.#count -= entry >> 8;
      return entry & 0xff;
    }
    return this.#longCode(table);
  }

  #longCode({ limits, offsets, values }: HuffmanTable): number {
    const window = (this.#bits >>> (this.#count - 16)) & 0xffff;
    let length = LOOKAHEAD + 1;
    while (length <= MAX_CODE_LENGTH && window >= (limits[length] as number)) length += 1;
    if (length > MAX_CODE_LENGTH) throw undecodable("no such Huffman code");
    this.#count -= length;
    const code = window >> (16 - length);
    return values[code + (offsets[length] as number)] ?? 0;
  }

  /** `length` (0 to 16) bits as a signed difference, ISO 10918-1 F.2.2.1 EXTEND. */
  difference(length: number): number {
    if (length === 0) return 0;
    if (this.#count < length) this.#fill();
    this.#count -= length;
    const raw = (this.#bits >>> this.#count) & ((1 << length) - 1);
    return raw < 1 << (length - 1) ? raw - (1 << length) + 1 : raw;
  }

  /** Goes on after the restart marker that must come next; throws `undecodable` without one. */
  restart(): void {
    this.#bits = 0;
    this.#count = 0;
    this.#missing = 0;
    const bytes = this.#bytes;
    while (this.#at + 1 < bytes.length) {
      const marker = bytes[this.#at + 1] ?? 0;
      if (bytes[this.#at] === 0xff && marker >= 0xd0 && marker <= 0xd7) {
        this.#at += 2;
        return;
      }
      this.#at += 1;
    }
    throw undecodable("a restart marker is missing");
  }
}

import { undecodable } from "./header.ts";
import type { HuffmanTable } from "./huffman-table.ts";
import { extended, LOOKUP_BITS, RUN_AT, VALUE_AT } from "./lookup.ts";

const LOOKAHEAD = 9;
const MAX_CODE_LENGTH = 16;

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
  return { fast, fastBits: LOOKAHEAD, limits, offsets, values: Uint8Array.from(values) };
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

/** Where the coefficients of a block go, by their order in the stream. */
interface BlockPlace {
  readonly places: Uint8Array;
  /** Of quantisation. */
  readonly steps: Uint16Array;
  readonly block: Float64Array;
}

const WINDOW = (1 << LOOKUP_BITS) - 1;
const BITS = (1 << RUN_AT) - 1;

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
    return extended((this.#bits >>> this.#count) & ((1 << length) - 1), length);
  }

  /**
   * Fills `out` with lossless differences, by their `differenceLookup`: the loop that archives of
   * lossless images spend their time in, with everything that it needs at hand.
   */
  differences(table: HuffmanTable, lookup: Int32Array, out: Int32Array): void {
    const bytes = this.#bytes;
    const last = bytes.length - 1;
    let at = this.#at;
    let bits = this.#bits;
    let count = this.#count;
    for (let i = 0; i < out.length; i += 1) {
      if (count < LOOKUP_BITS) {
        const first = bytes[at] as number;
        const second = bytes[at + 1] as number;
        if (at < last && first !== 0xff && second !== 0xff) {
          bits = (bits << 16) | (first << 8) | second;
          at += 2;
          count += 16;
        } else {
          this.#goOn(at, bits, count);
          this.#fill();
          at = this.#at;
          bits = this.#bits;
          count = this.#count;
        }
      }
      const entry = lookup[(bits >>> (count - LOOKUP_BITS)) & WINDOW] as number;
      if (entry !== 0) {
        count -= entry & BITS;
        out[i] = entry >> VALUE_AT;
      } else {
        this.#goOn(at, bits, count);
        out[i] = this.#longDifference(table);
        at = this.#at;
        bits = this.#bits;
        count = this.#count;
      }
    }
    this.#goOn(at, bits, count);
  }

  #goOn(at: number, bits: number, count: number): void {
    this.#at = at;
    this.#bits = bits;
    this.#count = count;
  }

  /** A category of 16 is 32768 without further bits, H.1.2.2. */
  #longDifference(table: HuffmanTable): number {
    const category = this.code(table);
    if (category < 16) return this.difference(category);
    if (category > 16) throw undecodable("a difference of more than 16 bits");
    return 32_768;
  }

  /**
   * Reads the coefficients of a block after the first, by their `coefficientLookup`, each times its
   * step of quantisation, into their places.
   */
  coefficients(
    table: HuffmanTable,
    lookup: Int32Array,
    { places, steps, block }: BlockPlace,
  ): void {
    const bytes = this.#bytes;
    const last = bytes.length - 1;
    let at = this.#at;
    let bits = this.#bits;
    let count = this.#count;
    for (let k = 1; k < 64; k += 1) {
      if (count < LOOKUP_BITS) {
        const first = bytes[at] as number;
        const second = bytes[at + 1] as number;
        if (at < last && first !== 0xff && second !== 0xff) {
          bits = (bits << 16) | (first << 8) | second;
          at += 2;
          count += 16;
        } else {
          this.#goOn(at, bits, count);
          this.#fill();
          at = this.#at;
          bits = this.#bits;
          count = this.#count;
        }
      }
      let entry = lookup[(bits >>> (count - LOOKUP_BITS)) & WINDOW] as number;
      if (entry !== 0) count -= entry & BITS;
      else {
        this.#goOn(at, bits, count);
        entry = this.#longCoefficient(table);
        at = this.#at;
        bits = this.#bits;
        count = this.#count;
      }
      const value = entry >> VALUE_AT;
      const run = (entry >> RUN_AT) & 15;
      if (value === 0 && run < 15) break;
      k += run;
      if (value === 0) continue;
      if (k > 63) throw undecodable("a block has too many coefficients");
      block[places[k] as number] = value * (steps[k] as number);
    }
    this.#goOn(at, bits, count);
  }

  /** In the form of an entry of a `coefficientLookup`, without the bits. */
  #longCoefficient(table: HuffmanTable): number {
    const symbol = this.code(table);
    return (this.difference(symbol & 15) << VALUE_AT) | ((symbol >> 4) << RUN_AT);
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

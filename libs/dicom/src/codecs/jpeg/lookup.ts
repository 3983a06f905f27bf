import type { HuffmanTable } from "./huffman-table.ts";

/**
 * Bits of a look-up that returns a code together with the bits that follow it. Most codes of an image
 * and what follows them are shorter; a table of this size still fits the first-level cache.
 */
export const LOOKUP_BITS = 14;
const WINDOWS = 1 << LOOKUP_BITS;
/** Places in an entry: bits read in the lowest five, a run of zeros in the next four. */
export const RUN_AT = 5;
export const VALUE_AT = 9;

/**
 * For each window of `LOOKUP_BITS` bits the bits that a code and its difference take and, from
 * `VALUE_AT` on, the difference (ISO 10918-1 F.2.2.1 EXTEND); 0 where they are longer.
 */
export function differenceLookup(table: HuffmanTable): Int32Array {
  return lookup(table, (category) => (category > 15 ? null : { size: category, run: 0 }));
}

/**
 * As `differenceLookup`, of a symbol that is a run of zeros and the size of the coefficient after it
 * (F.2.2.2). The value 0 with a run of 15 is a run of 16 zeros, with another the end of the block.
 */
export function coefficientLookup(table: HuffmanTable): Int32Array {
  return lookup(table, (symbol) => ({ size: symbol & 15, run: symbol >> 4 }));
}

interface Meaning {
  readonly size: number;
  readonly run: number;
}

function lookup(
  { fast, fastBits }: HuffmanTable,
  meaningOf: (symbol: number) => Meaning | null,
): Int32Array {
  const entries = new Int32Array(WINDOWS);
  for (let window = 0; window < WINDOWS; window += 1) {
    const code = fast[window >> (LOOKUP_BITS - fastBits)] as number;
    const meaning = code === 0 ? null : meaningOf(code & 0xff);
    if (meaning === null) continue;
    const bits = (code >> 8) + meaning.size;
    if (bits > LOOKUP_BITS) continue;
    const raw = (window >> (LOOKUP_BITS - bits)) & ((1 << meaning.size) - 1);
    entries[window] = (extended(raw, meaning.size) << VALUE_AT) | (meaning.run << RUN_AT) | bits;
  }
  return entries;
}

/** `size` bits as a signed difference, ISO 10918-1 F.2.2.1 EXTEND. */
export function extended(raw: number, size: number): number {
  return size > 0 && raw < 1 << (size - 1) ? raw - (1 << size) + 1 : raw;
}

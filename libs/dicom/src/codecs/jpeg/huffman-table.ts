/**
 * A Huffman table (ISO 10918-1 annex C): short codes by one look-up of `fastBits` bits, which
 * returns length and value in one number, longer ones by their range.
 */
export interface HuffmanTable {
  /** (length << 8) | value for the next `fastBits` bits, 0 where the code is longer. */
  readonly fast: Uint16Array;
  /** Bits of such a look-up. */
  readonly fastBits: number;
  /** Largest code of each length, left-aligned in 16 bits, exclusive. */
  readonly limits: Int32Array;
  readonly offsets: Int32Array;
  readonly values: Uint8Array;
}

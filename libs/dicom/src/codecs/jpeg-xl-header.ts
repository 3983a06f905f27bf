import { AxialError } from "@axial/contracts";

const CODESTREAM = 0xff0a;
const CONTAINER = Buffer.from("0000000c4a584c20", "hex");
/** Bits of a size by its selector, ISO 18181-1 SizeHeader. */
const SIZE_BITS = [9, 13, 18, 30] as const;
/** Width for one of height, by the ratio's number. */
const RATIOS: readonly (readonly [number, number])[] = [
  [1, 1],
  [12, 10],
  [4, 3],
  [3, 2],
  [16, 9],
  [5, 4],
  [2, 1],
];
/** The size is written in the first bytes of a codestream. */
const HEADER_BYTES = 12;

/**
 * Rows and columns that a JPEG XL image claims, bare or in its container (ISO 18181-2): what a
 * decoder will want memory for. Throws `undecodable`.
 */
export function readJpegXlSize(bytes: Buffer): { rows: number; columns: number } {
  const codestream = findCodestream(bytes);
  if (codestream === null || codestream.length < 4 || codestream.readUInt16BE(0) !== CODESTREAM) {
    throw new AxialError("undecodable", { detail: "no JPEG XL codestream" });
  }
  const bits = new Bits(codestream.subarray(2, HEADER_BYTES));
  const small = bits.read(1) === 1;
  const size = () => (small ? 8 * (1 + bits.read(5)) : 1 + bits.read(SIZE_BITS[bits.read(2)] ?? 0));
  const rows = size();
  const ratio = RATIOS[bits.read(3) - 1];
  const columns = ratio === undefined ? size() : Math.floor((rows * ratio[0]) / ratio[1]);
  return { rows, columns };
}

/** Least significant bits first; zeros beyond the end. */
class Bits {
  readonly #bytes: Buffer;
  #at = 0;

  constructor(bytes: Buffer) {
    this.#bytes = bytes;
  }

  read(count: number): number {
    let value = 0;
    for (let bit = 0; bit < count; bit += 1) {
      const byte = this.#bytes[this.#at >> 3] ?? 0;
      value += ((byte >> (this.#at & 7)) & 1) * 2 ** bit;
      this.#at += 1;
    }
    return value;
  }
}

/** The bare codestream, or its beginning in the boxes `jxlc` or `jxlp`. */
function findCodestream(bytes: Buffer): Buffer | null {
  if (!bytes.subarray(0, CONTAINER.length).equals(CONTAINER)) return bytes;
  let at = 0;
  while (at + 16 <= bytes.length) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString("latin1", at + 4, at + 8);
    const header = length === 1 ? 16 : 8;
    if (type === "jxlc") return bytes.subarray(at + header);
    if (type === "jxlp") return bytes.subarray(at + header + 4);
    const whole = length === 1 ? Number(bytes.readBigUInt64BE(at + 8)) : length;
    if (whole < header) return null;
    at += whole;
  }
  return null;
}

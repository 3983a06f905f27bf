import { AxialError } from "@axial/contracts";
import type { PixelArray } from "../frame.ts";
import type { PixelDescription } from "../pixel-description.ts";

/** What a codestream held, before it is fitted to what the data set says. */
export interface Decoded {
  readonly rows: number;
  readonly columns: number;
  readonly components: number;
  readonly precision: number;
  /** The codestream itself says that its values are signed. */
  readonly signed: boolean;
  /** Interleaved values. */
  readonly values: Uint8Array | Int8Array | Uint16Array | Int16Array | Int32Array;
  /** The decoder turned YCbCr into RGB. */
  readonly rgb: boolean;
}

/** Throws `undecodable` unless the codestream has the data set's rows, columns and samples. */
export function checkShape(
  found: Pick<Decoded, "rows" | "columns" | "components">,
  pixels: PixelDescription,
): void {
  const { rows, columns, samples } = pixels;
  if (found.rows === rows && found.columns === columns && found.components === samples) return;
  const shape = `${found.columns} by ${found.rows} with ${found.components} components`;
  throw new AxialError("undecodable", {
    detail: `the codestream is ${shape}, the data set says ${columns} by ${rows} with ${samples}`,
  });
}

/**
 * Values in cells of BitsAllocated with the sign of PixelRepresentation: JPEG codestreams hold
 * plain bits, whose highest is the sign when the data set says so.
 */
export function fitToCells(decoded: Decoded, pixels: PixelDescription): PixelArray {
  const { values, precision } = decoded;
  const count = pixels.rows * pixels.columns * pixels.samples;
  if (values.length < count) {
    throw new AxialError("undecodable", {
      detail: `${values.length} of ${count} samples came out`,
    });
  }
  const cells = cellsFor(pixels, count);
  if (cells.constructor === values.constructor && decoded.signed === pixels.signed) {
    return values.length === count ? values : values.subarray(0, count);
  }
  const shift = 32 - precision;
  const extends_ = pixels.signed && !decoded.signed;
  for (let i = 0; i < count; i += 1) {
    const value = values[i] as number;
    cells[i] = extends_ ? (value << shift) >> shift : value;
  }
  return cells;
}

function cellsFor({ bitsAllocated, signed }: PixelDescription, count: number) {
  if (bitsAllocated <= 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bitsAllocated <= 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

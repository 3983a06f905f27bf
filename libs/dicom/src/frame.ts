import type { Directions } from "./geometry.ts";

/** Samples of one frame in machine byte order, interleaved when there are three. */
export type PixelArray =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array;

/** Stored values to modality values (PS3.3 C.11.1): Hounsfield units and the like. */
export type ModalityTransform =
  | { readonly kind: "linear"; readonly slope: number; readonly intercept: number }
  | { readonly kind: "lut"; readonly table: LookUpTable };

/** Modality values to display values (PS3.3 C.11.2). */
export type VoiTransform =
  | {
      readonly kind: "window";
      readonly center: number;
      readonly width: number;
      readonly shape: "LINEAR" | "LINEAR_EXACT" | "SIGMOID";
    }
  | { readonly kind: "lut"; readonly table: LookUpTable };

/** Values below `first` take the first entry, values beyond the end the last. */
export interface LookUpTable {
  readonly first: number;
  readonly bits: number;
  readonly values: Uint16Array;
}

/** Stored values from `low` to `high` are padding, not anatomy. */
export interface PaddingRange {
  readonly low: number;
  readonly high: number;
}

/**
 * One decoded frame. `data` has rows × columns × samples entries: stored values of a grey frame
 * (overlay bits masked off, signed ones extended), 8-bit RGB of a colour frame.
 */
export interface Frame {
  readonly rows: number;
  readonly columns: number;
  readonly samples: 1 | 3;
  readonly data: PixelArray;
  readonly bitsStored: number;
  readonly signed: boolean;
  readonly photometric: "MONOCHROME1" | "MONOCHROME2" | "RGB";
  readonly modality: ModalityTransform;
  /** In the order of the file; empty when it names none. */
  readonly voi: readonly VoiTransform[];
  /** Row spacing divided by column spacing: height of a pixel when its width is 1. */
  readonly pixelAspect: number;
  readonly padding: PaddingRange | null;
  /** How the image lies in the patient; null when nothing says so. */
  readonly directions: Directions | null;
}

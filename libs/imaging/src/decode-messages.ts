import type { Failure, ModelInput, Preprocessing } from "@axial/contracts";

/** One sample to be made: which frame of which bytes, and how the model wants it. */
export interface PrepareRequest {
  readonly bytes: Uint8Array;
  readonly kind: "dicom" | "image";
  /** Counted from 0; image files have only frame 0. */
  readonly frame: number;
  readonly preprocessing: Preprocessing;
  readonly input: ModelInput;
}

/** Where the sample goes: `sampleBytes(input)` bytes from `offset`. */
export interface PrepareTarget {
  readonly buffer: SharedArrayBuffer;
  readonly offset: number;
}

/** Size of the frame before it was resized. */
export interface PreparedFrame {
  readonly rows: number;
  readonly columns: number;
}

/** Pool to thread. */
export interface DecodeCommand extends PrepareRequest, PrepareTarget {}

/** Thread to pool: `ready` once, then one answer for each command. */
export type ThreadAnswer<Result> =
  | { readonly status: "ready" }
  | { readonly status: "done"; readonly result: Result }
  | { readonly status: "failed"; readonly failure: Failure };

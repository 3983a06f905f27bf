import type { Failure } from "@axial/contracts";
import type { Provider } from "@axial/inference";
import type { ReadyModel } from "../../protocol.ts";
import type { InstalledModel } from "../installed-models.ts";

export interface DeviceThreadData {
  readonly models: readonly InstalledModel[];
  readonly providers: readonly Provider[];
  readonly sessionThreads: number;
  readonly device: number;
  /** Golden outputs are checked by one thread of several that load the same bytes. */
  readonly verify: boolean;
}

/** Samples in `slots` of the model's arena, in the order in which outputs are wanted. */
export interface RunBatch {
  readonly model: number;
  readonly slots: readonly number[];
}

export interface OutputTensor {
  readonly shape: readonly number[];
  /** Samples first. */
  readonly values: Float32Array;
}
export type Outputs = Readonly<Record<string, OutputTensor>>;

export type FromDevice =
  | { readonly kind: "loaded"; readonly models: readonly ReadyModel[] }
  | { readonly kind: "not-loaded"; readonly failures: readonly Failure[] }
  | { readonly kind: "ran"; readonly outputs: Outputs; readonly milliseconds: number }
  | { readonly kind: "failed"; readonly failure: Failure };

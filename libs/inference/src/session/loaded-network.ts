import { AxialError } from "@axial/contracts";
import type { RunningProvider } from "./inference-session.ts";

/** A network's declaration of an input or output; free sizes are names or negative. */
export interface DeclaredTensor {
  readonly name: string;
  readonly isTensor: boolean;
  readonly type?: string;
  readonly shape?: readonly (number | string)[];
}

export interface DeclaredGraph {
  readonly inputMetadata: readonly DeclaredTensor[];
  readonly outputMetadata: readonly DeclaredTensor[];
}

export interface OutputTensor {
  readonly dims: readonly number[];
  readonly data: Float32Array;
}

/** A network on its runtime: what each adapter implements. */
export interface LoadedNetwork {
  readonly provider: RunningProvider;
  readonly graph: DeclaredGraph;
  /** The outputs called `names` for `count` samples. Throws a `runtimeError`. */
  run(
    batch: Uint8Array,
    count: number,
    names: readonly string[],
  ): Promise<Record<string, OutputTensor>>;
  close(): Promise<void>;
}

const MEMORY_WORDS = /out of memory|bad_alloc|failed to allocate|allocation failed|\bOOM\b/i;

/** A runtime's error as `out-of-memory` (a smaller batch may fit) or `inference-failed`. */
export function runtimeError(cause: unknown): AxialError {
  const text = cause instanceof Error ? cause.message : "";
  return new AxialError(MEMORY_WORDS.test(text) ? "out-of-memory" : "inference-failed", { cause });
}

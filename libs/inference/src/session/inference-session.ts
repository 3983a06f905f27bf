/** Execution providers that a configuration may name. */
export const PROVIDERS = ["cuda", "tensorrt", "webgpu", "cpu"] as const;
export type Provider = (typeof PROVIDERS)[number];

export function isProvider(name: string): name is Provider {
  return (PROVIDERS as readonly string[]).includes(name);
}

export interface SessionOptions {
  /** In order of preference; the first that works is used. */
  readonly providers: readonly Provider[];
  /** Threads inside one operator, on the CPU. */
  readonly threads: number;
  /** Index of the device among several; 0 by default. */
  readonly device?: number;
}

/** One model, ready to run: tensor in, tensors out, whatever the runtime. */
export interface InferenceSession {
  /** The provider that really runs. */
  readonly provider: Provider;
  /** Shape of one sample of each output that the manifest names. */
  readonly outputs: ReadonlyMap<string, readonly number[]>;
  /**
   * Runs `count` samples that lie one after another in `batch` and gives every output in full,
   * samples first. On the CPU it blocks the calling thread until the runtime is done. Throws
   * `out-of-memory` or `inference-failed`.
   */
  run(batch: Uint8Array, count: number): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

/** True when a device was asked for first and the CPU runs (invariant 9). */
export function fellBack(provider: Provider, wanted: readonly Provider[]): boolean {
  return provider === "cpu" && wanted[0] !== "cpu";
}

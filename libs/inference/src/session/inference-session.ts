/** Execution providers that a configuration may name. */
const PROVIDERS = ["cuda", "tensorrt", "webgpu", "cpu"] as const;
export type Provider = (typeof PROVIDERS)[number];

/** What runs a TensorFlow.js package: its native runtimes where installed, else WebAssembly. */
export type TfjsProvider = "tfjs-node-gpu" | "tfjs-node" | "tfjs-wasm";
/** The provider that a result names. */
export type RunningProvider = Provider | TfjsProvider;

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
  readonly provider: RunningProvider;
  /** Shape of one sample of each output that the manifest names. */
  readonly outputs: ReadonlyMap<string, readonly number[]>;
  /**
   * Runs `count` samples, stored one after another in `batch`, and returns every output in full,
   * samples first. On the CPU it blocks the calling thread until the runtime is done. Throws
   * `out-of-memory` or `inference-failed`.
   */
  run(batch: Uint8Array, count: number): Promise<Record<string, Float32Array>>;
  close(): Promise<void>;
}

const ON_CPU: ReadonlySet<RunningProvider> = new Set(["cpu", "tfjs-node", "tfjs-wasm"]);

/** True when a GPU was asked for first and the CPU runs (invariant 9). */
export function fellBack(provider: RunningProvider, wanted: readonly Provider[]): boolean {
  return ON_CPU.has(provider) && wanted[0] !== "cpu";
}

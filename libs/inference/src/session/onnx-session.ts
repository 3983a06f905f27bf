import { AxialError } from "@axial/contracts";
import * as ort from "onnxruntime-node";
import { sampleShape } from "../package/golden-cases.ts";
import type { LoadedPackage } from "../package/load-package.ts";
import { checkGraph, wantedOutputs } from "./check-graph.ts";
import type { InferenceSession, Provider, SessionOptions } from "./inference-session.ts";

/** ONNX Runtime says why through the error that it throws; its log would say it again. */
const LOG_FATAL_ONLY = 4;
ort.env.logLevel = "fatal";

/** One sample could hide a batch axis that the graph fixed at 1. */
const PROBE_SAMPLES = 2;
const MEMORY_WORDS = /out of memory|bad_alloc|failed to allocate|allocation failed/i;

/** A session on one provider; rejects with the runtime's own error where it does not work. */
export async function openOnnxSession(
  pkg: LoadedPackage,
  provider: Provider,
  options: SessionOptions,
): Promise<InferenceSession> {
  const native = await createNative(pkg, provider, options);
  try {
    checkGraph(pkg.manifest, native);
    const session = new OnnxSession(pkg, provider, native);
    await session.probe();
    return session;
  } catch (error) {
    await native.release();
    throw error;
  }
}

async function createNative(
  pkg: LoadedPackage,
  provider: Provider,
  options: SessionOptions,
): Promise<ort.InferenceSession> {
  const device = options.device ?? 0;
  const withDevice = provider === "cuda" || provider === "tensorrt";
  try {
    return await ort.InferenceSession.create(pkg.weights, {
      executionProviders: [withDevice ? { name: provider, deviceId: device } : provider],
      intraOpNumThreads: options.threads,
      interOpNumThreads: 1,
      graphOptimizationLevel: "all",
      logSeverityLevel: LOG_FATAL_ONLY,
    });
  } catch (cause) {
    if (provider !== "cpu") throw cause;
    throw new AxialError("invalid-model", { detail: "the runtime cannot load the graph", cause });
  }
}

class OnnxSession implements InferenceSession {
  readonly provider: Provider;
  readonly outputs = new Map<string, readonly number[]>();
  readonly #pkg: LoadedPackage;
  readonly #native: ort.InferenceSession;
  readonly #names: readonly string[];

  constructor(pkg: LoadedPackage, provider: Provider, native: ort.InferenceSession) {
    this.#pkg = pkg;
    this.provider = provider;
    this.#native = native;
    this.#names = [...wantedOutputs(pkg.manifest).keys()];
  }

  /** Runs zeros once: what the graph really gives, and a warm runtime. */
  async probe(): Promise<void> {
    const shape = sampleShape(this.#pkg.manifest);
    const bytes = shape.reduce((a, b) => a * b) * this.#bytesPerValue();
    const found = await this.#runNative(new Uint8Array(PROBE_SAMPLES * bytes), PROBE_SAMPLES);
    for (const [name, wanted] of wantedOutputs(this.#pkg.manifest)) {
      const dims = found[name]?.dims ?? [];
      const fits = wanted.every((size, axis) => size === null || dims[axis + 1] === size);
      if (dims[0] !== PROBE_SAMPLES || dims.length !== wanted.length + 1 || !fits) {
        throw new AxialError("invalid-model", {
          detail: `output ${name} gave [${dims}] for ${PROBE_SAMPLES} samples`,
        });
      }
      this.outputs.set(name, dims.slice(1));
    }
  }

  async run(batch: Uint8Array, count: number): Promise<Record<string, Float32Array>> {
    const found = await this.#runNative(batch, count);
    return Object.fromEntries(
      Object.entries(found).map(([name, tensor]) => [name, tensor.data as Float32Array]),
    );
  }

  async close(): Promise<void> {
    await this.#native.release();
  }

  async #runNative(batch: Uint8Array, count: number) {
    const { input } = this.#pkg.manifest;
    const dims = [count, ...sampleShape(this.#pkg.manifest)];
    const tensor =
      input.dtype === "uint8"
        ? new ort.Tensor("uint8", batch, dims)
        : new ort.Tensor(
            "float32",
            new Float32Array(batch.buffer, batch.byteOffset, batch.byteLength / 4),
            dims,
          );
    try {
      return await this.#native.run({ [input.name]: tensor }, [...this.#names]);
    } catch (cause) {
      throw runtimeError(cause);
    }
  }

  #bytesPerValue(): number {
    return this.#pkg.manifest.input.dtype === "float32" ? 4 : 1;
  }
}

function runtimeError(cause: unknown): AxialError {
  const text = cause instanceof Error ? cause.message : "";
  return new AxialError(MEMORY_WORDS.test(text) ? "out-of-memory" : "inference-failed", { cause });
}

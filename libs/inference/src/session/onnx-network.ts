import "./no-telemetry.ts";
import { AxialError } from "@axial/contracts";
import * as ort from "onnxruntime-node";
import { sampleShape } from "../package/golden-cases.ts";
import type { LoadedPackage } from "../package/load-package.ts";
import type { Provider, SessionOptions } from "./inference-session.ts";
import { type LoadedNetwork, type OutputTensor, runtimeError } from "./loaded-network.ts";

/** ONNX Runtime throws its reason; its log would only repeat it. */
const LOG_FATAL_ONLY = 4;
const MAX_REASON = 200;
ort.env.logLevel = "fatal";

/** A graph on one provider; rejects with the runtime's own error where it does not work. */
export async function loadOnnxNetwork(
  pkg: LoadedPackage,
  provider: Provider,
  options: SessionOptions,
): Promise<LoadedNetwork> {
  const native = await createNative(pkg, provider, options);
  return {
    provider,
    graph: native,
    run: async (batch, count, names) => {
      try {
        const feed = { [pkg.manifest.input.name]: inputTensor(pkg, batch, count) };
        return asOutputs(await native.run(feed, [...names]));
      } catch (cause) {
        throw runtimeError(cause);
      }
    },
    close: () => native.release(),
  };
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
    const why = cause instanceof Error ? `: ${cause.message.slice(0, MAX_REASON)}` : "";
    throw new AxialError("invalid-model", {
      detail: `the runtime cannot load the graph${why}`,
      cause,
    });
  }
}

function inputTensor({ manifest }: LoadedPackage, batch: Uint8Array, count: number): ort.Tensor {
  const dims = [count, ...sampleShape(manifest)];
  if (manifest.input.dtype === "uint8") return new ort.Tensor("uint8", batch, dims);
  const floats = new Float32Array(batch.buffer, batch.byteOffset, batch.byteLength / 4);
  return new ort.Tensor("float32", floats, dims);
}

function asOutputs(found: ort.InferenceSession.ReturnType): Record<string, OutputTensor> {
  return Object.fromEntries(
    Object.entries(found).map(([name, { dims, data }]) => [
      name,
      { dims, data: data as Float32Array },
    ]),
  );
}

import { AxialError } from "@axial/contracts";
import * as tf from "@tensorflow/tfjs-core";
import { sampleShape } from "../../package/golden-cases.ts";
import type { LoadedPackage } from "../../package/load-package.ts";
import { decodeTfjsFile, type TfjsFile } from "../../package/tfjs-file.ts";
import type { Provider } from "../inference-session.ts";
import {
  type DeclaredTensor,
  type LoadedNetwork,
  type OutputTensor,
  runtimeError,
} from "../loaded-network.ts";
import { type TfjsModel, type TfjsTensorInfo, tfjsModelOf } from "./tfjs-model.ts";
import { startTfjs } from "./tfjs-runtime.ts";

/** TensorFlow.js lists whole topologies in its errors. */
const MAX_REASON = 200;

/** A TensorFlow.js network on the backend for `provider`. Rejects where it is not available. */
export async function loadTfjsNetwork(
  pkg: LoadedPackage,
  provider: Provider,
): Promise<LoadedNetwork> {
  const running = await startTfjs(provider);
  const model = await load(decodeTfjsFile(pkg.weights));
  return {
    provider: running,
    graph: graphOf(model),
    run: async (batch, count, names) => {
      try {
        return await run(model, inputTensor(pkg, batch, count), names);
      } catch (cause) {
        throw runtimeError(cause);
      }
    },
    close: async () => model.dispose(),
  };
}

/** A network's inputs and outputs; shapes include the batch, −1 where open. */
export type DeclaredNetwork = LoadedNetwork["graph"];

/**
 * Loads the network of `file` to inspect its inputs and outputs. Throws `invalid-model` when it
 * does not load.
 */
export async function declareNetwork(file: TfjsFile): Promise<DeclaredNetwork> {
  await startTfjs("cpu");
  const model = await load(file);
  try {
    return graphOf(model);
  } finally {
    model.dispose();
  }
}

async function load(file: TfjsFile): Promise<TfjsModel> {
  try {
    return await tfjsModelOf(file);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message.slice(0, MAX_REASON)}` : "";
    throw new AxialError("invalid-model", {
      detail: `TensorFlow.js cannot load the network${why}`,
      cause,
    });
  }
}

function graphOf({ inputs, outputs }: TfjsModel): DeclaredNetwork {
  return { inputMetadata: inputs.map(declared), outputMetadata: outputs.map(declared) };
}

function declared({ name, shape }: TfjsTensorInfo): DeclaredTensor {
  const sizes = shape?.map((size) => size ?? -1);
  return { name, isTensor: true, type: "float32", ...(sizes && { shape: sizes }) };
}

async function run(
  model: TfjsModel,
  input: tf.Tensor,
  names: readonly string[],
): Promise<Record<string, OutputTensor>> {
  const found = tf.tidy(() => model.run(input));
  input.dispose();
  try {
    const wanted = model.outputs.flatMap(({ name }, index) => {
      const tensor = found[index];
      return names.includes(name) && tensor !== undefined ? [{ name, tensor }] : [];
    });
    const outputs = wanted.map(async ({ name, tensor }): Promise<[string, OutputTensor]> => {
      const data = Float32Array.from(await tensor.data());
      return [name, { dims: tensor.shape, data }];
    });
    return Object.fromEntries(await Promise.all(outputs));
  } finally {
    tf.dispose(found);
  }
}

/** TensorFlow.js has no 8-bit type: bytes become floats of the same value. */
function inputTensor({ manifest }: LoadedPackage, batch: Uint8Array, count: number): tf.Tensor {
  const floats =
    manifest.input.dtype === "uint8"
      ? new Float32Array(batch)
      : new Float32Array(batch.buffer, batch.byteOffset, batch.byteLength / 4);
  return tf.tensor(floats, [count, ...sampleShape(manifest)], "float32");
}

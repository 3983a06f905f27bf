import type { TfjsFile } from "@axial/inference";
import { assertClassifies } from "./choose-output.ts";
import { GraphConversion } from "./graph/convert-graph.ts";
import { declaredInput, LayersConversion } from "./layers/convert-layers.ts";
import { activate } from "./network/activation.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "./network/network-builder.ts";
import type { Normalisation } from "./normalisation.ts";
import { GraphWriter } from "./onnx/graph-writer.ts";
import { normaliseLevels } from "./onnx/normalise-levels.ts";
import { DATA_TYPE, type OnnxModel } from "./onnx/onnx-graph.ts";
import type { FinalActivation } from "./onnx/probability-output.ts";
import { freshModel } from "./onnx/write-onnx.ts";
import { decodeWeights } from "./tfjs/decode-weights.ts";
import { type ImageInput, imageInput } from "./tfjs/image-input.ts";
import { Json } from "./tfjs/json.ts";

/** What the network does not declare itself. */
interface ConversionOptions {
  /** Pixels along both sides, where the network leaves them open. */
  readonly size: number | null;
  /** What bytes become before the network sees them. */
  normalise(channels: number): Normalisation;
  readonly activation: FinalActivation;
  /** Position of the output with the probabilities. */
  readonly output: number;
}

interface ConvertedNetwork {
  /** Input `image`: bytes [N, channels, height, width]; output `probabilities`: [N, classes]. */
  readonly model: OnnxModel;
  readonly input: ImageInput;
  readonly classes: number;
}

export const INPUT_NAME = "image";
export const OUTPUT_NAME = "probabilities";

/**
 * The network in ONNX, its input bytes, channels first. Throws `UnconvertibleError` that names what
 * has no counterpart, and `invalid-model` for a network that contradicts itself.
 */
export function convertNetwork(file: TfjsFile, options: ConversionOptions): ConvertedNetwork {
  const net = new GraphWriter("network");
  const input = inputOf(file, options.size);
  const by = options.normalise(input.channels);
  const levels = net.node("Cast", [INPUT_NAME], { to: DATA_TYPE.float32 });
  const shape = [input.height, input.width, input.channels];
  const image = { name: normaliseLevels(net, levels, { by, layout: "NCHW" }), shape };
  const [output] = outputsOf(net, file, { image, position: options.output });
  if (output === undefined) throw new UnconvertibleError(`output ${options.output}`);
  assertClassifies({ name: String(options.output), shape: ["batch", ...output.shape] });
  const activation = options.activation === "none" ? "linear" : options.activation;
  net.alias(activate(net, output, activation).name, OUTPUT_NAME);
  return finished(net, input, output.shape[0] ?? 0);
}

function inputOf(file: TfjsFile, size: number | null): ImageInput {
  if (file.format === "graph-model") return imageInput(new GraphConversion(file).input(), size);
  return imageInput(declaredInput(topologyOf(file)), size);
}

/** A layers model's topology may be wrapped in what Keras says of itself. */
function topologyOf({ modelTopology }: TfjsFile): Json {
  const topology = new Json(modelTopology, "modelTopology");
  return topology.get("model_config") === undefined ? topology : topology.object("model_config");
}

/** The feature of the output at `position` alone: what only other outputs need is not converted. */
function outputsOf(
  net: NetworkBuilder,
  file: TfjsFile,
  { image, position }: { image: Feature; position: number },
): readonly Feature[] {
  if (file.format === "graph-model") {
    return [new GraphConversion(file).convert(net, image, position)];
  }
  const weights = decodeWeights(file.weightSpecs, file.weightData);
  return new LayersConversion(net, weights).convert(topologyOf(file), [image], position);
}

function finished(net: NetworkBuilder, input: ImageInput, classes: number): ConvertedNetwork {
  const image = {
    name: INPUT_NAME,
    dataType: DATA_TYPE.uint8,
    dims: ["batch", input.channels, input.height, input.width],
  };
  return {
    model: {
      nodes: net.nodes,
      initializers: net.initializers,
      inputs: [image],
      outputs: [{ name: OUTPUT_NAME, dataType: DATA_TYPE.float32, dims: ["batch", classes] }],
      ...freshModel("converted from TensorFlow.js"),
    },
    input,
    classes,
  };
}

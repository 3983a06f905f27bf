import { type GraphModel, loadGraphModel } from "@tensorflow/tfjs-converter";
import type { io, Tensor } from "@tensorflow/tfjs-core";
import { type LayersModel, loadLayersModel, type SymbolicTensor } from "@tensorflow/tfjs-layers";
import type { TfjsFile } from "../../package/tfjs-file.ts";

export interface TfjsTensorInfo {
  readonly name: string;
  readonly shape: readonly (number | null)[] | null;
}

/** What a layers model and a graph model have in common. */
export interface TfjsModel {
  readonly inputs: readonly TfjsTensorInfo[];
  readonly outputs: readonly TfjsTensorInfo[];
  /** Every output, in the order of `outputs`. */
  run(input: Tensor): Tensor[];
  dispose(): void;
}

/** The network of `file` in TensorFlow.js' own objects; rejects with its error. */
export async function tfjsModelOf(file: TfjsFile): Promise<TfjsModel> {
  const handler = { load: async () => artifactsOf(file) };
  return file.format === "layers-model"
    ? layersModel(await loadLayersModel(handler))
    : graphModel(await loadGraphModel(handler));
}

function artifactsOf({ modelTopology, signature, weightSpecs, weightData }: TfjsFile) {
  return {
    modelTopology,
    ...(signature && { signature }),
    weightSpecs: weightSpecs as io.WeightsManifestEntry[],
    weightData: weightData.buffer,
  };
}

function layersModel(model: LayersModel): TfjsModel {
  // A tensor's own name has a scope and a number that differ from load to load.
  const info = ({ sourceLayer, shape }: SymbolicTensor): TfjsTensorInfo => ({
    name: sourceLayer.name,
    shape,
  });
  return {
    inputs: model.inputs.map(info),
    outputs: model.outputs.map(info),
    run: (input) => [model.predictOnBatch(input)].flat(),
    dispose: () => void model.dispose(),
  };
}

function graphModel(model: GraphModel): TfjsModel {
  const info = ({ name, shape }: { name: string; shape?: number[] }): TfjsTensorInfo => ({
    name,
    shape: shape ?? null,
  });
  return {
    inputs: model.inputs.map(info),
    outputs: model.outputs.map(info),
    run: (input) => [model.execute(input, model.outputNodes)].flat(),
    dispose: () => model.dispose(),
  };
}

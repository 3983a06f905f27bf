import { AxialError, parseAs } from "@axial/contracts";
import { checkTfjsWeights, type TfjsFile, TfjsWeightSchema } from "@axial/inference";
import { Type } from "typebox";
import type { SourceFiles } from "../source/source-files.ts";

const ManifestSchema = Type.Array(
  Type.Object({
    paths: Type.Array(Type.String(), { minItems: 1 }),
    weights: Type.Array(TfjsWeightSchema),
  }),
  { minItems: 1 },
);

const ModelJsonSchema = Type.Object({
  format: Type.Optional(Type.String()),
  modelTopology: Type.Object({}),
  weightsManifest: ManifestSchema,
  signature: Type.Optional(Type.Object({})),
  userDefinedMetadata: Type.Optional(Type.Object({ signature: Type.Optional(Type.Object({})) })),
});

/**
 * A TensorFlow.js network out of its `model.json` and the weights files that this names. Throws
 * `invalid-model` when a file is missing or holds more or less than the manifest says.
 */
export function readNetwork(files: SourceFiles): TfjsFile {
  const model = parseAs(ModelJsonSchema, files.json("model.json"), "invalid-model");
  const { modelTopology, weightsManifest } = model;
  const signature = model.signature ?? model.userDefinedMetadata?.signature;
  const weightData = new Uint8Array(
    Buffer.concat(weightsManifest.flatMap(({ paths }) => paths.map((path) => files.bytes(path)))),
  );
  const weightSpecs = weightsManifest.flatMap(({ weights }) => weights);
  checkNames(weightSpecs.map(({ name }) => name));
  checkTfjsWeights(weightSpecs, weightData.length);
  const format = "node" in modelTopology ? "graph-model" : "layers-model";
  return {
    format,
    modelTopology,
    ...(format === "graph-model" && signature !== undefined && { signature }),
    weightSpecs,
    weightData,
  };
}

function checkNames(names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice === undefined) return;
  throw new AxialError("invalid-model", { detail: `weight ${twice} appears twice` });
}

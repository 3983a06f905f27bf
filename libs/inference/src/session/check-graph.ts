import { AxialError, type ModelPackage } from "@axial/contracts";
import { sampleShape } from "../package/golden-cases.ts";
import type { DeclaredGraph, DeclaredTensor } from "./loaded-network.ts";

/** Shape of one sample of each output that the manifest names; null: any size will do. */
export function wantedOutputs(manifest: ModelPackage): Map<string, readonly (number | null)[]> {
  const wanted = new Map<string, readonly (number | null)[]>();
  for (const head of manifest.heads) wanted.set(head.output, [head.labels.length]);
  if (manifest.explanation !== undefined) {
    wanted.set(manifest.explanation.output, [manifest.heads[0]?.labels.length ?? 0, null, null]);
  }
  if (manifest.domain !== undefined) wanted.set(manifest.domain.output, []);
  return wanted;
}

/**
 * Compares what the manifest promises with what the graph declares: input name, type, rank and
 * sizes, a batch axis that is free, and for each head as many outputs as labels. Throws
 * `invalid-model` with both sides. What a graph leaves open is found by running zeros.
 */
export function checkGraph(manifest: ModelPackage, graph: DeclaredGraph): void {
  const { input } = manifest;
  const names = graph.inputMetadata.map((found) => found.name);
  const declared = graph.inputMetadata.find((found) => found.name === input.name);
  if (declared === undefined || names.length !== 1) {
    throw invalid(`the graph takes [${names}], model.json names ${input.name}`);
  }
  const dtype = manifest.runtime === "tfjs" ? "float32" : input.dtype;
  checkTensor(declared, { what: "input", dtype, sizes: sampleShape(manifest) });
  for (const [name, sizes] of wantedOutputs(manifest)) {
    const output = graph.outputMetadata.find((found) => found.name === name);
    if (output === undefined) throw invalid(`the graph has no output ${name}`);
    checkTensor(output, { what: "output", dtype: "float32", sizes });
  }
}

interface Expected {
  readonly what: string;
  readonly dtype: string;
  readonly sizes: readonly (number | null)[];
}

function checkTensor(found: DeclaredTensor, expected: Expected): void {
  const name = `${expected.what} ${found.name}`;
  const { shape: sizes } = found;
  if (!found.isTensor) throw invalid(`${name} is not a tensor`);
  if (found.type !== expected.dtype) {
    throw invalid(`${name} is ${found.type}, model.json needs ${expected.dtype}`);
  }
  if (sizes === undefined) return;
  const shape = `[${sizes.join(", ")}]`;
  if (sizes.length !== expected.sizes.length + 1) {
    throw invalid(`${name} has shape ${shape}, model.json needs rank ${expected.sizes.length + 1}`);
  }
  if (typeof sizes[0] === "number" && sizes[0] >= 0) {
    throw invalid(`${name} has a fixed batch of ${sizes[0]}; the first axis must be free`);
  }
  expected.sizes.forEach((size, index) => {
    const declared = sizes[index + 1];
    if (typeof declared === "number" && declared >= 0 && size !== null && declared !== size) {
      throw invalid(`${name} has shape ${shape}, model.json needs ${size} on axis ${index + 1}`);
    }
  });
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}

import type { OnnxModel, OnnxNode } from "./onnx-graph.ts";
import { attributeInts, tensorInts } from "./read-onnx.ts";

/** Operations that work along an axis of their attribute `axis`, and where that points by default. */
const ALONG_AXIS: Readonly<Record<string, number>> = {
  Softmax: -1,
  LogSoftmax: -1,
  Hardmax: -1,
  Concat: Number.NaN,
  Split: 0,
  CumSum: Number.NaN,
  TopK: -1,
  ArgMax: 0,
  ArgMin: 0,
};
const REDUCTIONS = /^Reduce/;
/** Values that describe other values: what is computed of them is no image. */
const DESCRIPTIONS: ReadonlySet<string> = new Set(["Shape", "Size"]);

/**
 * The first operation that ties the images of a batch together, or that allows one image only:
 * `Reshape (logits)`; null where none can be told from the graph.
 */
export function batchLayerOf(model: OnnxModel): string | null {
  const stored = new Map(model.initializers.map((tensor) => [tensor.name, tensor]));
  const fed = new Set(model.inputs.map(({ name }) => name).filter((name) => !stored.has(name)));
  const integers = (name: string | undefined): readonly number[] => {
    const tensor = name === undefined ? undefined : stored.get(name);
    return tensor === undefined ? [] : tensorInts(tensor);
  };
  for (const node of model.nodes) {
    if (DESCRIPTIONS.has(node.op) || !node.inputs.some((input) => fed.has(input))) continue;
    if (tiesBatch(node, integers)) return `${node.op} (${node.outputs[0] ?? ""})`;
    for (const output of node.outputs) fed.add(output);
  }
  return null;
}

function tiesBatch(node: OnnxNode, integers: (name?: string) => readonly number[]): boolean {
  if (node.op === "Reshape") return (integers(node.inputs[1])[0] ?? 0) > 0;
  if (node.op === "Expand") return (integers(node.inputs[1])[0] ?? 1) > 1;
  if (node.op === "Transpose") return (attributeInts(node, "perm")?.[0] ?? 0) !== 0;
  if (node.op === "BatchNormalization") return attributeInts(node, "training_mode")?.[0] === 1;
  if (node.op === "Flatten") return attributeInts(node, "axis")?.[0] === 0;
  if (REDUCTIONS.test(node.op)) {
    const axes = attributeInts(node, "axes") ?? integers(node.inputs[1]);
    return axes.includes(0);
  }
  const usual = ALONG_AXIS[node.op];
  return usual !== undefined && (attributeInts(node, "axis")?.[0] ?? usual) === 0;
}

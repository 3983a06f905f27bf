import type { ModelPackage } from "@axial/contracts";
import { type ClassifierHead, type HeadStep, headOf, ZERO } from "./classifier-head.ts";
import { GraphWriter } from "./graph-writer.ts";
import { DATA_TYPE, type OnnxModel } from "./onnx-graph.ts";

/** Operators are written as this operator set has them, and as later ones still do. */
const OLDEST_OPSET = 13;
const MAPS = "class-maps";

interface WithClassMaps {
  readonly model: OnnxModel;
  /** Null where the network does not end as it would have to. */
  readonly explanation: NonNullable<ModelPackage["explanation"]> | null;
  /** Why there are no maps; null where there are. */
  readonly unexplained: string | null;
}

/**
 * Adds one map per class, for networks that end in pooling or flattening and dense layers: the
 * gradient of the class's logit with respect to the features, times the features, summed over
 * channels. The dense layers alone are differentiated, so it costs two small products; their
 * activations are rectifiers, whose gradient is 0 or 1. For one dense layer behind global average
 * pooling it is the class activation map (Zhou et al. 2016), for more Grad-CAM's gradient place by
 * place (Draelos & Carin 2020): its mean over the image is the logit up to the biases.
 */
export function withClassMaps(
  model: OnnxModel,
  { output, classes, opset }: { output: string; classes: number; opset: number },
): WithClassMaps {
  if (opset < OLDEST_OPSET) {
    const unexplained = `the graph is of operator set ${opset}; maps need ${OLDEST_OPSET} or later`;
    return { model, explanation: null, unexplained };
  }
  const head = headOf(model, output);
  if ("unexplained" in head) return { model, explanation: null, ...head };
  const writer = new GraphWriter("class-maps");
  const maps = mapsOf(writer, head);
  writer.alias(maps, MAPS);
  const declared = {
    name: MAPS,
    dataType: DATA_TYPE.float32,
    dims: ["batch", classes, "rows", "columns"],
  };
  return {
    model: {
      ...model,
      nodes: [...model.nodes, ...writer.nodes],
      initializers: [...model.initializers, ...writer.initializers],
      outputs: [...model.outputs, declared],
    },
    explanation: {
      method: head.pooled && head.steps.length <= 1 ? "cam" : "grad-cam",
      output: MAPS,
    },
    unexplained: null,
  };
}

function mapsOf(writer: GraphWriter, head: ClassifierHead): string {
  const gradient = head.steps.reduce<string | null>(
    (soFar, step) => stepBack(writer, step, soFar),
    null,
  );
  if (gradient === null) return head.features;
  return head.pooled
    ? overPooled(writer, head.features, gradient)
    : overFlattened(writer, head, gradient);
}

/** The gradient [N or 1, classes, outputs of the step] one step nearer to the features. */
function stepBack(writer: GraphWriter, step: HeadStep, gradient: string | null): string | null {
  if (step.kind === "dense") {
    const { weights, transposed } = step;
    const rows = transposed ? weights : writer.node("Transpose", [weights], { perm: [1, 0] });
    if (gradient !== null) return writer.node("MatMul", [gradient, rows]);
    return writer.node("Unsqueeze", [rows, writer.ints([0])]);
  }
  if (gradient === null) return null;
  const open = gates(writer, step).map((gate) =>
    writer.node("Cast", [gate], { to: DATA_TYPE.float32 }),
  );
  return open.reduce(
    (product, gate) =>
      writer.node("Mul", [product, writer.node("Unsqueeze", [gate, writer.ints([1])])]),
    gradient,
  );
}

/** Where a rectifier lets values through: above its lower limit and below its upper one. */
function gates(writer: GraphWriter, step: Extract<HeadStep, { kind: "rectifier" }>): string[] {
  const low = step.low === ZERO ? writer.floats(0) : step.low;
  return [
    ...(low === null ? [] : [writer.node("Greater", [step.output, low])]),
    ...(step.high === null ? [] : [writer.node("Less", [step.output, step.high])]),
  ];
}

/** The pooled features' gradient is the same everywhere: a product over channels. */
function overPooled(writer: GraphWriter, features: string, gradient: string): string {
  const flat = writer.node("Reshape", [features, writer.ints([0, 0, -1])]);
  const maps = writer.node("MatMul", [gradient, flat]);
  const size = writer.node("Slice", [
    writer.node("Shape", [features]),
    writer.ints([2]),
    writer.ints([4]),
  ]);
  const shape = writer.node("Concat", [writer.ints([0, 0]), size], { axis: 0 });
  return writer.node("Reshape", [maps, shape]);
}

/** Every place has a gradient of its own: products value by value, summed over channels. */
function overFlattened(
  writer: GraphWriter,
  { features, channelsLast }: ClassifierHead,
  gradient: string,
): string {
  const flat = writer.node("Flatten", [features], { axis: 1 });
  const each = writer.node("Mul", [gradient, writer.node("Unsqueeze", [flat, writer.ints([1])])]);
  const sample = writer.node("Slice", [
    writer.node("Shape", [features]),
    writer.ints([1]),
    writer.ints([4]),
  ]);
  const shape = writer.node("Concat", [writer.ints([0, 0]), sample], { axis: 0 });
  const placed = writer.node("Reshape", [each, shape]);
  const channels = writer.ints([channelsLast ? 4 : 2]);
  return writer.node("ReduceSum", [placed, channels], { keepdims: 0 });
}

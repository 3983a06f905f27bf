import type { OnnxModel, OnnxNode } from "./onnx-graph.ts";
import { attributeFloat, attributeInts, tensorInts } from "./read-onnx.ts";

/** A step from logits to features: a dense layer, or the rectifier behind one. */
export type HeadStep =
  | {
      readonly kind: "dense";
      readonly weights: string;
      /** The weights lie [outputs, inputs] instead of [inputs, outputs]. */
      readonly transposed: boolean;
    }
  | {
      readonly kind: "rectifier";
      readonly output: string;
      /** Constants that the output lies between; null: no limit. */
      readonly low: string | null;
      readonly high: string | null;
    };

/** What a network does between its last features and its probabilities. */
export interface ClassifierHead {
  /** From the logits back. */
  readonly steps: readonly HeadStep[];
  /** The last feature map: [N, channels, h, w]; where it is flattened perhaps channels last. */
  readonly features: string;
  /** Its mean over the image is what the dense layers take; else all of it, flattened. */
  readonly pooled: boolean;
  readonly channelsLast: boolean;
}

const PROBABILITIES: ReadonlySet<string> = new Set(["Softmax", "Sigmoid"]);
/** Stands for the number 0, which a rectifier does not name. */
export const ZERO = "";
const NOTHING: ReadonlySet<string> = new Set(["Identity", "Dropout"]);
/** The way back takes few steps; a graph that goes in circles takes more. */
const MAX_STEPS = 64;

/** Why a network has no head that class maps can be taken from. */
interface NoHead {
  readonly unexplained: string;
}

/** The head behind `output`, or what stands in the place of one. */
export function headOf(model: OnnxModel, output: string): ClassifierHead | NoHead {
  const graph = new Producers(model);
  const steps: HeadStep[] = [];
  let at = output;
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const node = graph.of(at);
    const [input] = node?.inputs ?? [];
    if (node === undefined || input === undefined) return noHead("no feature map");
    const skipped = NOTHING.has(node.op) || (steps.length === 0 && PROBABILITIES.has(node.op));
    const step = skipped ? null : stepOf(graph, node);
    if (step !== null) steps.push(step.step);
    else if (!skipped) return endOf(graph, node, steps);
    at = step?.input ?? input;
  }
  return noHead(`more than ${MAX_STEPS} operations`);
}

function noHead(found: string): NoHead {
  return {
    unexplained: `maps need global average pooling or flattening, then dense layers, at the end; here the layers before the probabilities begin with ${found}`,
  };
}

function stepOf(graph: Producers, node: OnnxNode): { step: HeadStep; input: string } | null {
  const [input = "", weights = ""] = node.inputs;
  if (node.op === "Gemm" && isPlainGemm(node) && graph.isConstant(weights)) {
    const transposed = attributeInts(node, "transB")?.[0] === 1;
    return { step: { kind: "dense", weights, transposed }, input };
  }
  if (node.op === "MatMul" && graph.isConstant(weights)) {
    return { step: { kind: "dense", weights, transposed: false }, input };
  }
  const product = graph.of(input);
  const biased = node.op === "Add" && graph.isConstant(weights);
  if (biased && product !== undefined && PRODUCTS.has(product.op)) return stepOf(graph, product);
  const [output = ""] = node.outputs;
  if (node.op === "Relu") {
    return { step: { kind: "rectifier", output, low: ZERO, high: null }, input };
  }
  if (node.op !== "Clip") return null;
  const [, low, high] = node.inputs;
  return { step: { kind: "rectifier", output, low: low || null, high: high || null }, input };
}

function isPlainGemm(node: OnnxNode): boolean {
  // PyTorch writes the factors out though they are 1.
  const scaled = ["alpha", "beta"].some((name) => (attributeFloat(node, name) ?? 1) !== 1);
  return (attributeInts(node, "transA")?.[0] ?? 0) === 0 && !scaled;
}

const PRODUCTS: ReadonlySet<string> = new Set(["MatMul", "Gemm"]);
/** What has one cell has no places to show. */
const POOLED_TO_NOTHING: ReadonlySet<string> = new Set(["GlobalMaxPool", "GlobalLpPool"]);
const RESHAPES: ReadonlySet<string> = new Set(["Flatten", "Reshape", "Squeeze"]);

function endOf(
  graph: Producers,
  node: OnnxNode,
  steps: readonly HeadStep[],
): ClassifierHead | NoHead {
  const [input = ""] = node.inputs;
  const head = { steps, pooled: true, channelsLast: false };
  if (graph.isGlobalMean(node)) return { ...head, features: input };
  const before = graph.of(input);
  if (RESHAPES.has(node.op) && before !== undefined && graph.isGlobalMean(before)) {
    return { ...head, features: before.inputs[0] ?? "" };
  }
  if (node.op !== "Flatten" || steps.length === 0) {
    return noHead(`${node.op}${node.outputs[0] ? ` (${node.outputs[0]})` : ""}`);
  }
  if (before !== undefined && POOLED_TO_NOTHING.has(before.op)) {
    return noHead(`${before.op}, which leaves no place`);
  }
  const channelsLast =
    before?.op === "Transpose" && attributeInts(before, "perm")?.join() === "0,2,3,1";
  return { ...head, features: input, pooled: false, channelsLast };
}

/** Which node makes a value. */
class Producers {
  readonly #model: OnnxModel;
  readonly #byOutput: ReadonlyMap<string, OnnxNode>;
  readonly #initializers: ReadonlySet<string>;

  constructor(model: OnnxModel) {
    this.#model = model;
    this.#byOutput = new Map(
      model.nodes.flatMap((node) => node.outputs.map((output) => [output, node] as const)),
    );
    this.#initializers = new Set(model.initializers.map(({ name }) => name));
  }

  of(value: string): OnnxNode | undefined {
    return this.#byOutput.get(value);
  }

  /** Stored in the file, perhaps in another type that is widened first. */
  isConstant(value: string): boolean {
    if (this.#initializers.has(value)) return true;
    const node = this.of(value);
    return (
      node?.op === "Constant" || (node?.op === "Cast" && this.isConstant(node.inputs[0] ?? ""))
    );
  }

  isGlobalMean(node: OnnxNode): boolean {
    if (node.op === "GlobalAveragePool") return true;
    if (node.op !== "ReduceMean") return false;
    const axes = attributeInts(node, "axes") ?? this.#integers(node.inputs[1]);
    return (
      axes
        .map((axis) => (axis < 0 ? axis + 4 : axis))
        .toSorted()
        .join() === "2,3"
    );
  }

  #integers(name: string | undefined): readonly number[] {
    const stored = this.#model.initializers.find((tensor) => tensor.name === name);
    return stored === undefined ? [] : tensorInts(stored);
  }
}

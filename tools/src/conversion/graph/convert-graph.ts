import { AxialError } from "@axial/contracts";
import type { TfjsFile } from "@axial/inference";
import type { Weight } from "../network/convolution.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "../network/network-builder.ts";
import { decodeWeights } from "../tfjs/decode-weights.ts";
import { Json } from "../tfjs/json.ts";
import { CONVOLUTION_OPS } from "./convolution-ops.ts";
import { Attributes, type GraphNode, readNodes, sourceOf } from "./graph-def.ts";
import type { OpConverter, Operand } from "./operation.ts";
import { SHAPE_OPS } from "./shape-ops.ts";
import { VALUE_OPS } from "./value-ops.ts";

const CONVERTERS: Readonly<Record<string, OpConverter>> = {
  ...CONVOLUTION_OPS,
  ...SHAPE_OPS,
  ...VALUE_OPS,
};

/** Puts a TensorFlow graph (a SavedModel that was converted for TensorFlow.js) into a network. */
export class GraphConversion {
  readonly #file: TfjsFile;
  readonly #nodes: ReadonlyMap<string, GraphNode>;

  constructor(file: TfjsFile) {
    this.#file = file;
    this.#nodes = readNodes(new Json(file.modelTopology, "modelTopology"));
  }

  /** Shape of one sample of the only input, sizes left open as null. */
  input(): readonly (number | null)[] | null {
    const shape = new Attributes(this.#placeholder().attributes).shape("shape");
    return shape === null ? null : shape.slice(1).map((size) => (size < 0 ? null : size));
  }

  /** The output at `position` of the graph for `image`. */
  convert(net: NetworkBuilder, image: Feature, position: number): Feature {
    const weights = decodeWeights(this.#file.weightSpecs, this.#file.weightData);
    const placeholder = this.#placeholder().name;
    const known = new Map<string, Operand | null>([[placeholder, image]]);
    const operand = (edge: string): Operand => {
      const { node: name, output } = sourceOf(edge);
      if (output !== 0) throw new UnconvertibleError(`output ${output} of node ${name}`);
      const found = known.get(name);
      if (found === null) throw invalid(`node ${name} feeds itself`);
      if (found !== undefined) return found;
      known.set(name, null);
      const computed = this.#compute(name, { net, weights, operand });
      known.set(name, computed);
      return computed;
    };
    const edge = this.#outputs()[position];
    if (edge === undefined) throw invalid(`the graph has no output ${position}`);
    return featureOf(operand(edge), edge);
  }

  #compute(
    name: string,
    context: {
      readonly net: NetworkBuilder;
      readonly weights: ReadonlyMap<string, Weight>;
      operand(edge: string): Operand;
    },
  ): Operand {
    const node = this.#nodes.get(name);
    if (node === undefined) throw invalid(`node ${name} is used and does not exist`);
    if (node.op === "Const") return weightOf(context.weights, name);
    const convert = CONVERTERS[node.op];
    if (convert === undefined) throw new UnconvertibleError(`operation ${node.op} (${name})`);
    return convert(context.net, {
      name: `${name} (${node.op})`,
      operands: node.inputs.map((edge) => context.operand(edge)),
      attributes: new Attributes(node.attributes),
    });
  }

  #placeholder(): GraphNode {
    const found = [...this.#nodes.values()].filter(({ op }) => op === "Placeholder");
    const [node] = found;
    if (node !== undefined && found.length === 1) return node;
    throw new UnconvertibleError(`a graph of ${found.length} inputs`);
  }

  /** Those of the signature; without one, the nodes that feed no other. */
  #outputs(): readonly string[] {
    const { signature } = this.#file;
    if (signature !== undefined && "outputs" in signature) {
      const outputs = new Json(signature.outputs, "signature.outputs");
      return Object.keys(signature.outputs as object).map((key) =>
        outputs.object(key).text("name"),
      );
    }
    const used = new Set(
      [...this.#nodes.values()].flatMap(({ inputs }) => inputs.map((edge) => sourceOf(edge).node)),
    );
    return [...this.#nodes.keys()].filter((name) => !used.has(name));
  }
}

function featureOf(operand: Operand, edge: string): Feature {
  if ("name" in operand) return operand;
  throw new UnconvertibleError(`output ${edge}, which does not depend on the image`);
}

function weightOf(weights: ReadonlyMap<string, Weight>, name: string): Weight {
  const found = weights.get(name);
  if (found === undefined) throw invalid(`there is no weight ${name}`);
  return found;
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}

import { AxialError } from "@axial/contracts";
import type { Weight } from "../network/convolution.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "../network/network-builder.ts";
import { Json } from "../tfjs/json.ts";
import { ACTIVATION_LAYERS } from "./activation-layers.ts";
import { CONVOLUTION_LAYERS } from "./convolution-layers.ts";
import { Layer, type LayerConverter } from "./layer.ts";
import { MERGE_LAYERS } from "./merge-layers.ts";
import { NORMALISATION_LAYERS } from "./normalisation-layers.ts";
import { POOLING_LAYERS } from "./pooling-layers.ts";
import { SHAPE_LAYERS } from "./shape-layers.ts";
import { type Origin, readWiring } from "./wiring.ts";

const CONVERTERS: Readonly<Record<string, LayerConverter>> = {
  ...ACTIVATION_LAYERS,
  ...CONVOLUTION_LAYERS,
  ...MERGE_LAYERS,
  ...NORMALISATION_LAYERS,
  ...POOLING_LAYERS,
  ...SHAPE_LAYERS,
};

const SEQUENTIAL = "Sequential";
/** Names of a functional model in different versions of Keras. */
const FUNCTIONAL: ReadonlySet<string> = new Set(["Model", "Functional"]);

type Weights = ReadonlyMap<string, Weight>;

/** Adds Keras models, nested ones included, to a network. */
export class LayersConversion {
  readonly #net: NetworkBuilder;
  readonly #weights: Weights;

  constructor(net: NetworkBuilder, weights: Weights) {
    this.#net = net;
    this.#weights = weights;
  }

  /**
   * The outputs of a model or a layer, `{class_name, config}`, for its inputs; of a functional
   * model the one at `position` alone where that is given.
   */
  convert(described: Json, inputs: readonly Feature[], position?: number): readonly Feature[] {
    const className = described.text("class_name");
    if (className === SEQUENTIAL) return this.#sequential(described, inputs);
    if (FUNCTIONAL.has(className)) {
      return this.#functional(described.object("config"), inputs, position);
    }
    const layer = new Layer(className, described.object("config"), this.#weights);
    const convert = CONVERTERS[className];
    if (convert === undefined) throw layer.unconvertible("has no counterpart here");
    return [convert(this.#net, inputs, layer)];
  }

  #sequential(described: Json, inputs: readonly Feature[]): readonly Feature[] {
    return layersOf(described)
      .filter((layer) => layer.text("class_name") !== "InputLayer")
      .reduce((values, layer) => this.convert(layer, values), inputs);
  }

  #functional(config: Json, inputs: readonly Feature[], position?: number): readonly Feature[] {
    const wiring = readWiring(config);
    const known = new Map<string, readonly Feature[]>();
    wiring.inputs.forEach(({ layer }, index) => {
      const input = inputs[index];
      if (input !== undefined) known.set(`${layer}/0`, [input]);
    });
    const feature = ({ layer, node, tensor }: Origin): Feature => {
      const found = known.get(`${layer}/${node}`) ?? compute(layer, node);
      const value = found[tensor];
      if (value === undefined) throw invalid(`layer ${layer} has no output ${tensor}`);
      return value;
    };
    const compute = (name: string, node: number): readonly Feature[] => {
      const layer = wiring.layers.get(name);
      const origins = layer?.calls[node];
      if (layer === undefined || origins === undefined || origins.length === 0) {
        throw invalid(`layer ${name} is used and nowhere fed`);
      }
      // Null until it is known, so that layers that feed each other end in an error.
      known.set(`${name}/${node}`, []);
      const computed = this.convert(layer.described, origins.map(feature));
      known.set(`${name}/${node}`, computed);
      return computed;
    };
    const wanted = wiring.outputs.filter((_, at) => position === undefined || at === position);
    return wanted.map(feature);
  }
}

/**
 * Shape of one sample of the model's only input as its topology says it, sizes that it leaves open
 * as null; null when it says nothing.
 */
export function declaredInput(described: Json): readonly (number | null)[] | null {
  const className = described.text("class_name");
  const nested = className === SEQUENTIAL || FUNCTIONAL.has(className);
  if (!nested) return batchShape(described.object("config"));
  const layers = layersOf(described);
  if (FUNCTIONAL.has(className)) {
    const inputs = layers.filter((layer) => layer.text("class_name") === "InputLayer");
    if (inputs.length !== 1) throw new UnconvertibleError(`a model of ${inputs.length} inputs`);
  }
  const [first] = layers;
  return first === undefined ? null : declaredInput(first);
}

function batchShape(config: Json): readonly (number | null)[] | null {
  const shape = config.get("batch_input_shape") ?? config.get("batch_shape");
  if (!Array.isArray(shape)) return null;
  return shape.slice(1).map((size: unknown) => (typeof size === "number" ? size : null));
}

/** The first Keras wrote a sequential model's layers as its configuration. */
function layersOf(described: Json): Json[] {
  const config = described.get("config");
  const layers = Array.isArray(config) ? config : described.object("config").list("layers");
  return layers.map((layer: unknown, index) => new Json(layer, `layers[${index}]`));
}

function invalid(detail: string): AxialError {
  return new AxialError("invalid-model", { detail });
}

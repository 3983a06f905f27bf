import { AxialError } from "@axial/contracts";
import type { Weight } from "../network/convolution.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "../network/network-builder.ts";
import type { Json } from "../tfjs/json.ts";

/** One layer of a Keras topology with its weights: what a converter is given. */
export class Layer {
  readonly className: string;
  readonly name: string;
  readonly config: Json;
  readonly #weights: ReadonlyMap<string, Weight>;

  constructor(className: string, config: Json, weights: ReadonlyMap<string, Weight>) {
    this.className = className;
    this.name = config.text("name", className);
    this.config = config;
    this.#weights = weights;
  }

  /** The weight `LAYER/WEIGHT` under any scope. Throws `invalid-model` when it is missing. */
  weight(name: string): Weight {
    const own = `${this.name}/${name}`;
    const exact = this.#weights.get(own);
    if (exact !== undefined) return exact;
    const scoped = [...this.#weights].filter(([key]) => key.endsWith(`/${own}`));
    const [found] = scoped;
    if (found !== undefined && scoped.length === 1) return found[1];
    throw new AxialError("invalid-model", { detail: `there is no single weight ${own}` });
  }

  /** The weight, where the layer's configuration says that it has one. */
  weightIf(flag: string, name: string): Weight | null {
    return this.config.flag(flag, true) ? this.weight(name) : null;
  }

  /** Throws where images lie channels first: converters take them channels last. */
  assertChannelsLast(): void {
    if (this.config.text("data_format", "channels_last") === "channels_last") return;
    throw this.unconvertible("with channels first");
  }

  unconvertible(why: string): UnconvertibleError {
    return new UnconvertibleError(`layer ${this.name} (${this.className}) ${why}`);
  }
}

/** Adds the layer to the network; most take one input. */
export type LayerConverter = (
  net: NetworkBuilder,
  inputs: readonly Feature[],
  layer: Layer,
) => Feature;

/** A converter of layers with one input. */
export function onOne(
  convert: (net: NetworkBuilder, input: Feature, layer: Layer) => Feature,
): LayerConverter {
  return (net, inputs, layer) => {
    const [input] = inputs;
    if (input === undefined || inputs.length !== 1) {
      throw layer.unconvertible(`with ${inputs.length} inputs`);
    }
    return convert(net, input, layer);
  };
}

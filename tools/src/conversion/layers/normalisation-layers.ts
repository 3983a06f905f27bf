import { normalise } from "../network/batch-normalisation.ts";
import type { Feature, NetworkBuilder } from "../network/network-builder.ts";
import { type Layer, type LayerConverter, onOne } from "./layer.ts";

/** Batch normalisation, with the statistics of training. */
export const NORMALISATION_LAYERS: Readonly<Record<string, LayerConverter>> = {
  BatchNormalization: onOne(normaliseBatch),
  BatchNormalizationV1: onOne(normaliseBatch),
};

function normaliseBatch(net: NetworkBuilder, input: Feature, layer: Layer): Feature {
  const { config } = layer;
  const rank = input.shape.length;
  const axes = [config.get("axis") ?? -1].flat();
  if (axes.length !== 1 || (axes[0] !== -1 && axes[0] !== rank)) {
    throw layer.unconvertible(`on axis ${axes}`);
  }
  const channels = input.shape.at(-1) ?? 0;
  const all = (value: number) => new Float32Array(channels).fill(value);
  return normalise(net, input, {
    gamma: layer.weightIf("scale", "gamma")?.values ?? all(1),
    beta: layer.weightIf("center", "beta")?.values ?? all(0),
    mean: layer.weight("moving_mean").values,
    variance: layer.weight("moving_variance").values,
    epsilon: config.number("epsilon", 1e-3),
  });
}

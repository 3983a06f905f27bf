import { type Feature, type NetworkBuilder, UnconvertibleError } from "./network-builder.ts";

export interface Normalisation {
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
  readonly mean: Float32Array;
  readonly variance: Float32Array;
  readonly epsilon: number;
}

/** Batch normalisation by stored statistics, over channels. */
export function normalise(net: NetworkBuilder, input: Feature, by: Normalisation): Feature {
  if (input.shape.length !== 3 && input.shape.length !== 1) {
    throw new UnconvertibleError(`batch normalisation of shape [${input.shape}]`);
  }
  const { gamma, beta, mean, variance, epsilon } = by;
  const constants = [gamma, beta, mean, variance].map((one) => net.floats(one, [one.length]));
  const name = net.node("BatchNormalization", [input.name, ...constants], {
    epsilon: { float: epsilon },
  });
  return { name, shape: input.shape };
}

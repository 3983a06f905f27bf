import { channelsLast, fromChannelsLast } from "./axes.ts";
import type { Weight } from "./convolution.ts";
import type { Feature, NetworkBuilder } from "./network-builder.ts";

/** Fully connected, over the last axis. */
export function connect(
  net: NetworkBuilder,
  input: Feature,
  { kernel, bias }: { readonly kernel: Weight; readonly bias: Weight | null },
): Feature {
  const [, units = 0] = kernel.shape;
  const weights = net.floats(kernel.values, kernel.shape);
  const shape = [...input.shape.slice(0, -1), units];
  const terms = bias === null ? [] : [net.floats(bias.values, [units])];
  if (shape.length === 1) {
    return { name: net.node("Gemm", [input.name, weights, ...terms]), shape };
  }
  const product = net.node("MatMul", [channelsLast(net, input), weights]);
  const [term] = terms;
  const sum = term === undefined ? product : net.node("Add", [product, term]);
  return fromChannelsLast(net, sum, shape);
}

import { type Feature, imageShape, type NetworkBuilder } from "./network-builder.ts";
import { placeWindow, type Window } from "./window.ts";

/** The largest or the mean value under a window; padding counts in neither. */
export function pool(
  net: NetworkBuilder,
  input: Feature,
  { kind, ...window }: Window & { readonly kind: "max" | "mean" },
): Feature {
  const [height, width, channels] = imageShape(input, "pooling");
  const { pads, output } = placeWindow([height, width], window);
  const attributes = { kernel_shape: window.size, strides: window.strides, pads };
  const op = kind === "max" ? "MaxPool" : "AveragePool";
  return { name: net.node(op, [input.name], attributes), shape: [...output, channels] };
}

/** The largest or the mean value of each channel over the whole image. */
export function poolGlobally(
  net: NetworkBuilder,
  input: Feature,
  { kind, keepAxes }: { readonly kind: "max" | "mean"; readonly keepAxes: boolean },
): Feature {
  const [, , channels] = imageShape(input, "global pooling");
  const op = kind === "max" ? "ReduceMax" : "ReduceMean";
  const name = net.node(op, [input.name], { axes: [2, 3], keepdims: keepAxes ? 1 : 0 });
  return { name, shape: keepAxes ? [1, 1, channels] : [channels] };
}

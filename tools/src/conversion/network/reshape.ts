import { channelsLast, fromChannelsLast, graphAxis } from "./axes.ts";
import {
  type Feature,
  type NetworkBuilder,
  sizeOf,
  UnconvertibleError,
} from "./network-builder.ts";

/** One axis with all values, channels fastest. */
export function flatten(net: NetworkBuilder, input: Feature): Feature {
  const name = net.node("Flatten", [channelsLast(net, input)], { axis: 1 });
  return { name, shape: [sizeOf(input.shape)] };
}

/** The values in their order in another shape; one size may be −1: what is left. */
export function reshape(net: NetworkBuilder, input: Feature, target: readonly number[]): Feature {
  const known = sizeOf(target.filter((size) => size >= 0));
  const shape = target.map((size) => (size < 0 ? sizeOf(input.shape) / known : size));
  if (sizeOf(shape) !== sizeOf(input.shape)) {
    throw new UnconvertibleError(`reshape of [${input.shape}] to [${target}]`);
  }
  const name = net.node("Reshape", [channelsLast(net, input), net.ints([-1, ...shape])]);
  return fromChannelsLast(net, name, shape);
}

/** Axes in another order; `order` counts from 1, the batch being 0. */
export function permute(net: NetworkBuilder, input: Feature, order: readonly number[]): Feature {
  const name = net.node("Transpose", [channelsLast(net, input)], { perm: [0, ...order] });
  const shape = order.map((axis) => input.shape[axis - 1] ?? 1);
  return fromChannelsLast(net, name, shape);
}

/** Side by side along `axis` (the batch counted, negative from the end). */
export function concatenate(
  net: NetworkBuilder,
  inputs: readonly Feature[],
  axis: number,
): Feature {
  const [first] = inputs;
  if (first === undefined) throw new UnconvertibleError("concatenation of nothing");
  const name = net.node(
    "Concat",
    inputs.map((input) => input.name),
    { axis: graphAxis(axis, first.shape) },
  );
  const along = (axis < 0 ? axis + first.shape.length + 1 : axis) - 1;
  const sum = inputs.reduce((total, { shape }) => total + (shape[along] ?? 0), 0);
  return { name, shape: first.shape.with(along, sum) };
}

/** Zeros (or `value`) around an image: before and after, by axis. */
export function padImage(
  net: NetworkBuilder,
  input: Feature,
  { vertical, horizontal, value = 0 }: Borders,
): Feature {
  const pads = [0, 0, vertical[0], horizontal[0], 0, 0, vertical[1], horizontal[1]];
  const [height = 0, width = 0, channels = 0] = input.shape;
  return {
    name: net.node("Pad", [input.name, net.ints(pads), net.floats(value)]),
    shape: [height + vertical[0] + vertical[1], width + horizontal[0] + horizontal[1], channels],
  };
}

interface Borders {
  readonly vertical: readonly [number, number];
  readonly horizontal: readonly [number, number];
  readonly value?: number;
}

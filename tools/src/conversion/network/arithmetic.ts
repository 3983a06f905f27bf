import { channelsFirst } from "./axes.ts";
import type { Weight } from "./convolution.ts";
import {
  type Feature,
  type NetworkBuilder,
  sizeOf,
  UnconvertibleError,
} from "./network-builder.ts";

/** Operators of two values, as ONNX calls them. */
export type BinaryOp = "Add" | "Sub" | "Mul" | "Div" | "Max" | "Min";

/** Value by value, small axes stretched as NumPy does it. */
export function combine(
  net: NetworkBuilder,
  op: BinaryOp,
  [left, right]: readonly [Feature, Feature],
): Feature {
  if (left.shape.length !== right.shape.length) {
    throw new UnconvertibleError(`${op} of shapes [${left.shape}] and [${right.shape}]`);
  }
  const shape = left.shape.map((size, axis) => Math.max(size, right.shape[axis] ?? 1));
  return { name: net.node(op, [left.name, right.name]), shape };
}

/** The same with a constant: a number, one per channel, or a whole sample. */
export function combineConstant(
  net: NetworkBuilder,
  op: BinaryOp,
  { input, constant, reversed = false }: WithConstant,
): Feature {
  const stored = constantFor(net, input, constant);
  const operands = reversed ? [stored, input.name] : [input.name, stored];
  return { name: net.node(op, operands), shape: input.shape };
}

interface WithConstant {
  readonly input: Feature;
  readonly constant: Weight;
  /** The constant stands on the left. */
  readonly reversed?: boolean;
}

function constantFor(net: NetworkBuilder, input: Feature, { shape, values }: Weight): string {
  if (values.length === 1) return net.floats(values);
  const rank = input.shape.length;
  const padded = [...new Array<number>(Math.max(0, rank - shape.length)).fill(1), ...shape];
  const sample = padded.slice(padded.length - rank);
  const fits = sample.every((size, axis) => size === 1 || size === input.shape[axis]);
  if (!fits || sizeOf(sample) !== values.length) {
    throw new UnconvertibleError(`a constant of shape [${shape}] beside [${input.shape}]`);
  }
  if (rank !== 3) return net.floats(values, sample);
  const [height = 1, width = 1, channels = 1] = sample;
  const ordered = channelsFirst(values, [height, width, channels]);
  return net.floats(ordered, [channels, height, width]);
}

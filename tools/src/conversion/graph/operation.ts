import type { Weight } from "../network/convolution.ts";
import {
  type Feature,
  type NetworkBuilder,
  UnconvertibleError,
} from "../network/network-builder.ts";
import type { Attributes } from "./graph-def.ts";

/** What an operation is given: values that depend on the image, and constants. */
export type Operand = Feature | Weight;

export interface Operation {
  /** Name and kind, for messages. */
  readonly name: string;
  readonly operands: readonly Operand[];
  readonly attributes: Attributes;
}

/** Adds the operation to the network. */
export type OpConverter = (net: NetworkBuilder, operation: Operation) => Operand;

/** Operand `index`, which must depend on the image. */
export function feature({ name, operands }: Operation, index: number): Feature {
  const operand = operands[index];
  if (operand !== undefined && "name" in operand) return operand;
  throw new UnconvertibleError(`${name} of a constant`);
}

/** Operand `index`, which must be constant. */
export function constant({ name, operands }: Operation, index: number): Weight {
  const operand = operands[index];
  if (operand !== undefined && !("name" in operand)) return operand;
  throw new UnconvertibleError(`${name} by a value that depends on the image`);
}

/** A constant list of integers: axes, a shape. */
export function constantInts(operation: Operation, index: number): readonly number[] {
  return [...constant(operation, index).values];
}

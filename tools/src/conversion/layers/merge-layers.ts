import { type BinaryOp, combine } from "../network/arithmetic.ts";
import type { Feature, NetworkBuilder } from "../network/network-builder.ts";
import { concatenate } from "../network/reshape.ts";
import type { LayerConverter } from "./layer.ts";

/** Layers that make one value of several. */
export const MERGE_LAYERS: Readonly<Record<string, LayerConverter>> = {
  Add: inTurn("Add"),
  Subtract: inTurn("Sub"),
  Multiply: inTurn("Mul"),
  Maximum: inTurn("Max"),
  Minimum: inTurn("Min"),
  Average: (net, inputs, layer) => {
    const sum = fold(net, "Add", inputs);
    if (sum === null) throw layer.unconvertible("without inputs");
    const count = net.floats(inputs.length);
    return { name: net.node("Div", [sum.name, count]), shape: sum.shape };
  },
  Concatenate: (net, inputs, { config }) => concatenate(net, inputs, config.number("axis", -1)),
};

function inTurn(op: BinaryOp): LayerConverter {
  return (net, inputs, layer) => {
    const merged = fold(net, op, inputs);
    if (merged === null) throw layer.unconvertible("without inputs");
    return merged;
  };
}

function fold(net: NetworkBuilder, op: BinaryOp, inputs: readonly Feature[]): Feature | null {
  const [first, ...others] = inputs;
  if (first === undefined) return null;
  return others.reduce((left, right) => combine(net, op, [left, right]), first);
}

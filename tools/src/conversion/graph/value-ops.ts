import { activate, clipped, leaky } from "../network/activation.ts";
import { type BinaryOp, combine, combineConstant } from "../network/arithmetic.ts";
import { UnconvertibleError } from "../network/network-builder.ts";
import { normaliseBy } from "./convolution-ops.ts";
import { constant, feature, type OpConverter } from "./operation.ts";

const same: OpConverter = (_net, { name, operands: [operand] }) => {
  if (operand === undefined) throw new UnconvertibleError(`${name} of nothing`);
  return operand;
};

const normalised: OpConverter = (net, operation) =>
  normaliseBy(net, { operation, input: feature(operation, 0), first: 1 });

/** Operations value by value. */
export const VALUE_OPS: Readonly<Record<string, OpConverter>> = {
  Identity: same,
  StopGradient: same,
  Relu: activation("relu"),
  Elu: activation("elu"),
  Selu: activation("selu"),
  Sigmoid: activation("sigmoid"),
  Tanh: activation("tanh"),
  Softplus: activation("softplus"),
  Softmax: activation("softmax"),
  Relu6: (net, operation) => {
    const input = feature(operation, 0);
    return { ...input, name: clipped(net, input, 6) };
  },
  LeakyRelu: (net, operation) =>
    leaky(net, feature(operation, 0), operation.attributes.float("alpha", 0.2)),
  Add: binary("Add"),
  AddV2: binary("Add"),
  BiasAdd: binary("Add"),
  Sub: binary("Sub"),
  Mul: binary("Mul"),
  RealDiv: binary("Div"),
  Div: binary("Div"),
  Maximum: binary("Max"),
  Minimum: binary("Min"),
  FusedBatchNorm: normalised,
  FusedBatchNormV2: normalised,
  FusedBatchNormV3: normalised,
};

function activation(name: string): OpConverter {
  return (net, operation) => activate(net, feature(operation, 0), name);
}

function binary(op: BinaryOp): OpConverter {
  return (net, operation) => {
    const [left, right] = operation.operands;
    if (left !== undefined && right !== undefined && "name" in left && "name" in right) {
      return combine(net, op, [left, right]);
    }
    const reversed = left !== undefined && !("name" in left);
    const input = feature(operation, reversed ? 1 : 0);
    const by = constant(operation, reversed ? 0 : 1);
    return combineConstant(net, op, { input, constant: by, reversed });
  };
}

import { graphAxis } from "./axes.ts";
import { type Feature, type NetworkBuilder, UnconvertibleError } from "./network-builder.ts";

type Activation = (net: NetworkBuilder, input: Feature) => string;

const plain =
  (op: string): Activation =>
  (net, { name }) =>
    net.node(op, [name]);

/** By their names in Keras. */
const ACTIVATIONS: Readonly<Record<string, Activation>> = {
  linear: (_net, { name }) => name,
  relu: plain("Relu"),
  relu6: (net, input) => clipped(net, input, 6),
  sigmoid: plain("Sigmoid"),
  hardSigmoid: (net, { name }) =>
    net.node("HardSigmoid", [name], { alpha: { float: 0.2 }, beta: { float: 0.5 } }),
  tanh: plain("Tanh"),
  elu: (net, { name }) => net.node("Elu", [name], { alpha: { float: 1 } }),
  selu: plain("Selu"),
  softplus: plain("Softplus"),
  softsign: plain("Softsign"),
  swish: (net, { name }) => net.node("Mul", [name, net.node("Sigmoid", [name])]),
  mish: (net, { name }) => {
    const gate = net.node("Tanh", [net.node("Softplus", [name])]);
    return net.node("Mul", [name, gate]);
  },
  softmax: (net, input) => net.node("Softmax", [input.name], { axis: graphAxis(-1, input.shape) }),
};

/** As other versions of Keras write them. */
const ALIASES: Readonly<Record<string, string>> = {
  hard_sigmoid: "hardSigmoid",
  silu: "swish",
};

/** Applies an activation by its name in Keras; throws `UnconvertibleError` for one not known. */
export function activate(net: NetworkBuilder, input: Feature, name: string): Feature {
  const activation = ACTIVATIONS[ALIASES[name] ?? name];
  if (activation === undefined) throw new UnconvertibleError(`activation ${name}`);
  return { ...input, name: activation(net, input) };
}

/** 0 below 0 and `limit` above it. */
export function clipped(net: NetworkBuilder, { name }: Feature, limit: number): string {
  return net.node("Clip", [name, net.floats(0), net.floats(limit)]);
}

export function leaky(net: NetworkBuilder, input: Feature, slope: number): Feature {
  const name = net.node("LeakyRelu", [input.name], { alpha: { float: slope } });
  return { ...input, name };
}

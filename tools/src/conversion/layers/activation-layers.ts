import { activate, clipped, leaky } from "../network/activation.ts";
import { channelsFirst } from "../network/axes.ts";
import type { Feature, NetworkBuilder } from "../network/network-builder.ts";
import { activationOf } from "./convolution-layers.ts";
import { type Layer, type LayerConverter, onOne } from "./layer.ts";

/** Activations that are layers of their own. */
export const ACTIVATION_LAYERS: Readonly<Record<string, LayerConverter>> = {
  Activation: onOne((net, input, layer) => activate(net, input, activationOf(layer))),
  ReLU: onOne(rectify),
  LeakyReLU: onOne((net, input, { config }) => leaky(net, input, config.number("alpha", 0.3))),
  ELU: onOne((net, input, { config }) => {
    const alpha = { float: config.number("alpha", 1) };
    return { ...input, name: net.node("Elu", [input.name], { alpha }) };
  }),
  PReLU: onOne(rectifyByWeight),
  Softmax: onOne((net, input, layer) => {
    const axis = layer.config.number("axis", -1);
    if (axis !== -1 && axis !== input.shape.length) throw layer.unconvertible(`on axis ${axis}`);
    return activate(net, input, "softmax");
  }),
};

function rectify(net: NetworkBuilder, input: Feature, layer: Layer): Feature {
  const { config } = layer;
  const slope = config.number("negative_slope", config.number("negativeSlope", 0));
  if (slope !== 0 || config.number("threshold", 0) !== 0) {
    throw layer.unconvertible("with a slope or threshold");
  }
  const limit = config.numberOrNull("max_value") ?? config.numberOrNull("maxValue");
  if (limit === null) return activate(net, input, "relu");
  return { ...input, name: clipped(net, input, limit) };
}

function rectifyByWeight(net: NetworkBuilder, input: Feature, layer: Layer): Feature {
  const { shape, values } = layer.weight("alpha");
  const [height = 1, width = 1, channels = 1] = shape;
  const image = input.shape.length === 3;
  const slope = image
    ? net.floats(channelsFirst(values, [height, width, channels]), [channels, height, width])
    : net.floats(values, shape);
  return { ...input, name: net.node("PRelu", [input.name, slope]) };
}

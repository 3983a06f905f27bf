import { activate } from "../network/activation.ts";
import { type Convolution, convolve, convolveDepthwise } from "../network/convolution.ts";
import { type Layer, type LayerConverter, onOne } from "./layer.ts";

/** Convolutions of Keras, with their biases and activations. */
export const CONVOLUTION_LAYERS: Readonly<Record<string, LayerConverter>> = {
  Conv2D: onOne((net, input, layer) => {
    const bias = layer.weightIf("use_bias", "bias");
    const options = { ...windowOf(layer), kernel: layer.weight("kernel"), bias };
    return activate(net, convolve(net, input, options), activationOf(layer));
  }),
  DepthwiseConv2D: onOne((net, input, layer) => {
    const bias = layer.weightIf("use_bias", "bias");
    const options = { ...windowOf(layer), kernel: layer.weight("depthwise_kernel"), bias };
    return activate(net, convolveDepthwise(net, input, options), activationOf(layer));
  }),
  SeparableConv2D: onOne((net, input, layer) => {
    const each = { ...windowOf(layer), kernel: layer.weight("depthwise_kernel"), bias: null };
    const mixed: Convolution = {
      kernel: layer.weight("pointwise_kernel"),
      bias: layer.weightIf("use_bias", "bias"),
      strides: [1, 1],
      padding: "valid",
    };
    const separate = convolveDepthwise(net, input, each);
    return activate(net, convolve(net, separate, mixed), activationOf(layer));
  }),
};

export function activationOf(layer: Layer): string {
  const activation = layer.config.get("activation") ?? "linear";
  if (typeof activation === "string") return activation;
  throw layer.unconvertible("with an activation of its own");
}

function windowOf(layer: Layer): Pick<Convolution, "strides" | "padding" | "dilations"> {
  layer.assertChannelsLast();
  const { config } = layer;
  return {
    strides: config.pair("strides", [1, 1]),
    padding: paddingOf(layer),
    dilations: config.pair("dilation_rate", [1, 1]),
  };
}

export function paddingOf(layer: Layer): "same" | "valid" {
  const padding = layer.config.text("padding", "valid");
  if (padding === "same" || padding === "valid") return padding;
  throw layer.unconvertible(`with padding ${padding}`);
}

import { type Feature, imageShape, type NetworkBuilder } from "./network-builder.ts";
import { placeWindow, type Window } from "./window.ts";

/** A weight as TensorFlow stores it. */
export interface Weight {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Convolution extends Omit<Window, "size"> {
  /** [height, width, inputs, filters]; for a depthwise one [height, width, channels, multiplier]. */
  readonly kernel: Weight;
  readonly bias: Weight | null;
}

/** Dense over channels. */
export function convolve(net: NetworkBuilder, input: Feature, options: Convolution): Feature {
  const [, , inputs = 0, filters = 0] = options.kernel.shape;
  const [, , channels] = imageShape(input, "convolution");
  const kernel = reorder(options.kernel, (channel, filter) => filter * inputs + channel);
  const group = channels / inputs;
  return place(net, input, { ...options, kernel, filters, perGroup: inputs, group });
}

/** Each channel by itself. */
export function convolveDepthwise(
  net: NetworkBuilder,
  input: Feature,
  options: Convolution,
): Feature {
  const [, , channels = 0, multiplier = 0] = options.kernel.shape;
  const kernel = reorder(options.kernel, (channel, copy) => channel * multiplier + copy);
  const filters = channels * multiplier;
  return place(net, input, { ...options, kernel, filters, perGroup: 1, group: channels });
}

/** [h, w, a, b] to planes of h × w, the plane of a and b at `planeOf(a, b)`. */
function reorder({ shape, values }: Weight, planeOf: (a: number, b: number) => number): Weight {
  const [height = 0, width = 0, first = 0, second = 0] = shape;
  const plane = height * width;
  const out = new Float32Array(values.length);
  let at = 0;
  for (let pixel = 0; pixel < plane; pixel += 1) {
    for (let a = 0; a < first; a += 1) {
      for (let b = 0; b < second; b += 1) {
        out[planeOf(a, b) * plane + pixel] = values[at] as number;
        at += 1;
      }
    }
  }
  return { shape, values: out };
}

interface Placed extends Convolution {
  readonly filters: number;
  readonly perGroup: number;
  readonly group: number;
}

function place(net: NetworkBuilder, input: Feature, options: Placed): Feature {
  const { kernel, bias, filters, perGroup, group, strides, dilations = [1, 1] } = options;
  const [height, width] = imageShape(input, "convolution");
  const size: [number, number] = [kernel.shape[0] ?? 0, kernel.shape[1] ?? 0];
  const { pads, output } = placeWindow([height, width], { ...options, size });
  const inputs = [input.name, net.floats(kernel.values, [filters, perGroup, ...size])];
  if (bias !== null) inputs.push(net.floats(bias.values, [filters]));
  const attributes = { kernel_shape: size, strides, dilations, pads, group };
  return { name: net.node("Conv", inputs, attributes), shape: [...output, filters] };
}

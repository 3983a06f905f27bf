import type { Feature, NetworkBuilder } from "./network-builder.ts";

const TO_CHANNELS_FIRST = [0, 3, 1, 2];
const TO_CHANNELS_LAST = [0, 2, 3, 1];

/** The graph's name of `feature` with its axes as TensorFlow has them. */
export function channelsLast(net: NetworkBuilder, { name, shape }: Feature): string {
  if (shape.length !== 3 || onlyOneAxis(shape)) return asIs(net, { name, shape });
  return net.node("Transpose", [name], { perm: TO_CHANNELS_LAST });
}

/** A feature out of a value whose axes lie as TensorFlow has them. */
export function fromChannelsLast(
  net: NetworkBuilder,
  name: string,
  shape: readonly number[],
): Feature {
  if (shape.length !== 3) return { name, shape };
  return { name: net.node("Transpose", [name], { perm: TO_CHANNELS_FIRST }), shape };
}

/** Values of an image-like constant, channels last, as they lie in the graph. */
export function channelsFirst(
  values: Float32Array,
  [height, width, channels]: readonly [number, number, number],
): Float32Array {
  const out = new Float32Array(values.length);
  const pixels = height * width;
  for (let pixel = 0; pixel < pixels; pixel += 1) {
    for (let channel = 0; channel < channels; channel += 1) {
      out[channel * pixels + pixel] = values[pixel * channels + channel] as number;
    }
  }
  return out;
}

/** The axis of the graph's value that is `axis` (batch counted, negative from the end) of `shape`. */
export function graphAxis(axis: number, shape: readonly number[]): number {
  const positive = axis < 0 ? axis + shape.length + 1 : axis;
  if (shape.length !== 3 || positive === 0) return positive;
  return positive === 3 ? 1 : positive + 1;
}

/** One channel, or one pixel: both orders are the same bytes, and a reshape costs nothing. */
function onlyOneAxis([height = 1, width = 1, channels = 1]: readonly number[]): boolean {
  return channels === 1 || height * width === 1;
}

function asIs(net: NetworkBuilder, { name, shape }: Feature): string {
  return shape.length === 3 ? net.node("Reshape", [name, net.ints([-1, ...shape])]) : name;
}

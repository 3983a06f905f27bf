import type { GraphWriter } from "../onnx/graph-writer.ts";

/** The graph that a network is put into. */
export type NetworkBuilder = GraphWriter;

/**
 * A value of the network that is being built. `shape` is that of one sample as TensorFlow has it,
 * channels last; in the ONNX graph values of three axes (images) lie channels first, as its
 * operators want them, and all others as they are.
 */
export interface Feature {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Height, width and channels of an image-like value. */
type ImageShape = readonly [height: number, width: number, channels: number];

/** A feature of a network that cannot be expressed in ONNX here. The message names it. */
export class UnconvertibleError extends Error {
  constructor(what: string) {
    super(what);
    this.name = "UnconvertibleError";
  }
}

export function imageShape({ shape }: Feature, what: string): ImageShape {
  const [height, width, channels, ...more] = shape;
  if (height === undefined || width === undefined || channels === undefined || more.length > 0) {
    throw new UnconvertibleError(`${what} of a value of shape [${shape}]`);
  }
  return [height, width, channels];
}

export function sizeOf(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}

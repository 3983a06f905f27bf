import type { ModelInput } from "@axial/contracts";
import type { Normalisation } from "../normalisation.ts";
import type { FinalActivation } from "../onnx/probability-output.ts";
import type { ImageInput } from "../tfjs/image-input.ts";

/** Bytes of an image in `layout` as the floats, channels last, that TensorFlow.js is fed. */
export function floatsChannelsLast(
  image: Uint8Array,
  options: { input: ImageInput; layout: ModelInput["layout"]; by: Normalisation },
): Uint8Array {
  const { input, layout, by } = options;
  const { channels, height, width } = input;
  const pixels = height * width;
  const floats = new Float32Array(channels * pixels);
  for (let channel = 0; channel < channels; channel += 1) {
    const multiply = by.multiply[channel] ?? by.multiply[0] ?? 1;
    const add = by.add[channel] ?? by.add[0] ?? 0;
    for (let pixel = 0; pixel < pixels; pixel += 1) {
      const at = layout === "NCHW" ? channel * pixels + pixel : pixel * channels + channel;
      floats[pixel * channels + channel] = (image[at] as number) * multiply + add;
    }
  }
  return new Uint8Array(floats.buffer);
}

/** Logits of one image as probabilities, as ONNX' operators of these names make them. */
export function activated(logits: Float32Array, activation: FinalActivation): Float32Array {
  if (activation === "none") return logits;
  if (activation === "sigmoid") return logits.map((value) => 1 / (1 + Math.exp(-value)));
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

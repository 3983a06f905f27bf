import type { Activation } from "../convert-network.ts";

/** Logits of one image as probabilities, as ONNX' operators of these names make them. */
export function activated(logits: Float32Array, activation: Activation): Float32Array {
  if (activation === "none") return logits;
  if (activation === "sigmoid") return logits.map((value) => 1 / (1 + Math.exp(-value)));
  const most = Math.max(...logits);
  const powers = logits.map((value) => Math.exp(value - most));
  const sum = powers.reduce((total, value) => total + value, 0);
  return powers.map((value) => value / sum);
}

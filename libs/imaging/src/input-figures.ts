import type { InputFigures } from "@axial/contracts";

/** One value in so many: an image's brightness shows in those too, and the rest costs time. */
const STRIDE = 7;
const WHITE = 255;

/**
 * Mean and standard deviation of what the network is shown of a slice, 0 to 1: they tell when a
 * scanner's images change before the answers do.
 */
export function inputFigures(pixels: Uint8Array): InputFigures {
  let [sum, squares, count] = [0, 0, 0];
  for (let at = 0; at < pixels.length; at += STRIDE) {
    const value = pixels[at] ?? 0;
    sum += value;
    squares += value * value;
    count += 1;
  }
  const mean = sum / count;
  const variance = Math.max(0, squares / count - mean * mean);
  return { mean: mean / WHITE, deviation: Math.sqrt(variance) / WHITE };
}

import type { Preprocessing } from "@axial/contracts";
import type { Frame, ModalityTransform, VoiTransform } from "@axial/dicom";

/** A stored value to 0…255, not yet rounded or clipped. */
export type DisplayFunction = (stored: number) => number;

/** Statistics of a frame's values, without padding. */
export interface ValueStatistics {
  readonly least: number;
  readonly greatest: number;
  /** Value at `percent` (0 to 100), linear between order statistics. */
  percentile(percent: number): number;
}

/**
 * How stored values become display values: percentiles of the frame; the file's first VOI
 * transform, else the frame's own range (8 bits: as they are); or the range that BitsStored spans.
 */
export function displayFunction(
  frame: Frame,
  intensity: Preprocessing["intensity"],
  statistics: () => ValueStatistics,
): DisplayFunction {
  switch (intensity.kind) {
    case "percentiles": {
      const { low, high } = intensity;
      const known = statistics();
      return stretched(frame.modality, known.percentile(low), known.percentile(high));
    }
    case "voi":
      return voiFunction(frame, statistics);
    case "full-range":
      return fullRange(frame);
  }
}

function voiFunction(frame: Frame, statistics: () => ValueStatistics): DisplayFunction {
  const [voi] = frame.voi;
  const modality = modalityFunction(frame.modality);
  if (voi !== undefined) {
    const display = voiDisplay(voi);
    return (stored) => display(modality(stored));
  }
  if (frame.bitsStored <= 8 && frame.modality.kind === "linear") return fullRange(frame);
  const { least, greatest } = statistics();
  return stretched(frame.modality, least, greatest);
}

/** From the modality values of two stored values to 0…255; everything is 0 when they coincide. */
function stretched(modality: ModalityTransform, low: number, high: number): DisplayFunction {
  const map = modalityFunction(modality);
  const bottom = Math.min(map(low), map(high));
  const range = Math.abs(map(high) - map(low));
  if (!(range > 0)) return () => 0;
  return (stored) => ((map(stored) - bottom) / range) * 255;
}

function fullRange({ bitsStored, signed, modality }: Frame): DisplayFunction {
  const least = signed ? -(2 ** (bitsStored - 1)) : 0;
  return stretched(modality, least, least + 2 ** bitsStored - 1);
}

/** PS3.3 C.11.1. */
function modalityFunction(modality: ModalityTransform): DisplayFunction {
  if (modality.kind === "linear") {
    const { slope, intercept } = modality;
    return (stored) => stored * slope + intercept;
  }
  const { first, values } = modality.table;
  return (stored) => values[clamp(stored - first, values.length - 1)] ?? 0;
}

/** PS3.3 C.11.2.1: window or table to 0…255. */
function voiDisplay(voi: VoiTransform): DisplayFunction {
  if (voi.kind === "lut") {
    const { first, bits, values } = voi.table;
    const scale = 255 / (2 ** bits - 1);
    return (value) => (values[clamp(Math.round(value) - first, values.length - 1)] ?? 0) * scale;
  }
  const { center, width } = voi;
  switch (voi.shape) {
    case "SIGMOID":
      return (value) => 255 / (1 + Math.exp((-4 * (value - center)) / width));
    case "LINEAR_EXACT":
      return (value) => ((value - center) / width + 0.5) * 255;
    case "LINEAR":
      if (width <= 1) return (value) => (value <= center - 0.5 ? 0 : 255);
      return (value) => ((value - (center - 0.5)) / (width - 1) + 0.5) * 255;
  }
}

function clamp(index: number, last: number): number {
  return Math.min(Math.max(index, 0), last);
}

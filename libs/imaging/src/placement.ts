import type { ModelInput, Preprocessing } from "@axial/contracts";

/** Along one axis: the image is resized to `resized` and samples `start`… of it land at `offset`. */
export interface AxisPlacement {
  readonly resized: number;
  readonly start: number;
  readonly count: number;
  readonly offset: number;
}

export interface Placement {
  readonly vertical: AxisPlacement;
  readonly horizontal: AxisPlacement;
}

interface Extent {
  readonly rows: number;
  readonly columns: number;
  /** Height of a pixel when its width is 1. */
  readonly pixelAspect: number;
}

/**
 * Where a frame lands in the model's input. Letterbox and centre crop keep the shape of the
 * anatomy, not of the pixel matrix; stretch fills the input whatever the shape.
 */
export function placementOf(
  frame: Extent,
  input: Pick<ModelInput, "width" | "height">,
  policy: Preprocessing["resize"]["policy"],
): Placement {
  const { width, height } = input;
  if (policy === "stretch") return { vertical: whole(height), horizontal: whole(width) };
  const tall = frame.rows * frame.pixelAspect;
  const scales = [height / tall, width / frame.columns] as const;
  const scale = policy === "letterbox" ? Math.min(...scales) : Math.max(...scales);
  return {
    vertical: centred(rounded(tall * scale), height),
    horizontal: centred(rounded(frame.columns * scale), width),
  };
}

function whole(size: number): AxisPlacement {
  return { resized: size, start: 0, count: size, offset: 0 };
}

function rounded(size: number): number {
  return Math.max(1, Math.floor(size + 0.5));
}

/** In the middle; an odd rest goes to the far side. */
function centred(resized: number, size: number): AxisPlacement {
  if (resized <= size) {
    return { resized, start: 0, count: resized, offset: Math.floor((size - resized) / 2) };
  }
  return { resized, start: Math.floor((resized - size) / 2), count: size, offset: 0 };
}

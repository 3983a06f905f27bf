import { AxialError } from "@axial/contracts";
import type { PixelDescription } from "@axial/dicom";
import type { Rectangle } from "./pixel-rules.ts";

/** The middle of a chroma channel: no colour. */
const NO_COLOUR = 128;

/** How the samples of a frame lie. */
type Layout = Pick<
  PixelDescription,
  "rows" | "columns" | "samples" | "bitsAllocated" | "planar" | "photometric"
>;

/**
 * Blanks rectangles in a frame's cells, in place. Throws `unsupported-pixel-format` for cells that
 * are not whole bytes or that share their chroma.
 */
export function blankRectangles(
  cells: Uint8Array,
  layout: Layout,
  rectangles: readonly Rectangle[],
): void {
  const { bitsAllocated, photometric } = layout;
  if (bitsAllocated % 8 !== 0 || photometric === "YBR_FULL_422") {
    throw new AxialError("unsupported-pixel-format", { detail: "its rectangles are not blanked" });
  }
  for (const rectangle of rectangles) {
    for (let sample = 0; sample < layout.samples; sample += 1) {
      blankSample(cells, layout, rectangle, sample);
    }
  }
}

function blankSample(
  cells: Uint8Array,
  { rows, columns, samples, bitsAllocated, planar, photometric }: Layout,
  { x, y, width, height }: Rectangle,
  sample: number,
): void {
  const value = photometric.startsWith("YBR") && sample > 0 ? NO_COLOUR : 0;
  const bytes = bitsAllocated / 8;
  const step = planar ? bytes : samples * bytes;
  const start = planar ? sample * rows * columns * bytes : sample * bytes;
  const [right, bottom] = [Math.min(x + width, columns), Math.min(y + height, rows)];
  for (let row = y; row < bottom; row += 1) {
    for (let column = x; column < right; column += 1) {
      const at = start + (row * columns + column) * step;
      cells.fill(value, at, at + bytes);
    }
  }
}

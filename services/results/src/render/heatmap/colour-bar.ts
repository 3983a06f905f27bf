import { charactersIn, drawCaption, textScale } from "./caption.ts";
import { FAINTEST, layColour } from "./colour-scale.ts";

const CHANNELS = 3;
/** Heights in dots of the text. */
const BAR = 8;
const MARGIN = 4;
const WORDS = {
  low: `none or below ${FAINTEST * 100}%`,
  high: "the most in this series",
} as const;

/** RGB bytes, rows × width. */
export interface Strip {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/**
 * The scale of colours as wide as the picture, with what its ends mean below it. The colours are
 * those of the overlay before it lets the picture through.
 */
export function drawColourBar(width: number): Strip {
  const scale = textScale(width);
  const margin = MARGIN * scale;
  const words = drawCaption([spread(WORDS.low, WORDS.high, width)], width);
  const top = margin + BAR * scale;
  const pixels = new Uint8Array(width * (top + words.height) * CHANNELS);
  const across = Math.max(1, width - 2 * margin - 1);
  for (let x = margin; x < width - margin; x += 1) {
    const evidence = (x - margin) / across;
    if (evidence < FAINTEST) continue;
    for (let y = margin; y < top; y += 1) {
      layColour(pixels, (y * width + x) * CHANNELS, { evidence, opacity: 1 });
    }
  }
  for (const [index, level] of words.pixels.entries()) {
    const at = (top * width + index) * CHANNELS;
    if (level !== 0) pixels.fill(level, at, at + CHANNELS);
  }
  return { width, height: top + words.height, pixels };
}

/** Two texts at the ends of one line; one behind the other where they do not fit. */
function spread(left: string, right: string, width: number): string {
  const room = charactersIn(width);
  return left + " ".repeat(Math.max(1, room - left.length - right.length)) + right;
}

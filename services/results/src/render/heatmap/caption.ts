import { ADVANCE, drawGlyph, GLYPH_HEIGHT } from "./pixel-font.ts";

/** Dots around the text. */
const MARGIN = 4;
const LINE_GAP = 3;
/** Letters grow with the image: a line holds about 64 of them, however large it is. */
const WIDTH_PER_SCALE = 384;

/** Pixels of a dot of the letters in a picture of `width`. */
export function textScale(width: number): number {
  return Math.max(1, Math.round(width / WIDTH_PER_SCALE));
}

/** Characters in a line. */
export function charactersIn(width: number): number {
  return Math.max(1, Math.floor((width / textScale(width) - 2 * MARGIN) / ADVANCE));
}

/** Grey bytes, white on black, rows × width. */
export interface Caption {
  readonly width: number;
  readonly height: number;
  readonly pixels: Uint8Array;
}

/** Draws lines of text as wide as the image; what does not fit goes on in the next line. */
export function drawCaption(lines: readonly string[], width: number): Caption {
  const scale = textScale(width);
  const room = charactersIn(width);
  const wrapped = lines.flatMap((line) => wrap(line, room));
  const step = GLYPH_HEIGHT + LINE_GAP;
  const height = (2 * MARGIN + wrapped.length * step - LINE_GAP) * scale;
  const pixels = new Uint8Array(width * height);
  wrapped.forEach((line, row) => {
    [...line].forEach((character, column) => {
      const origin = { x: MARGIN + column * ADVANCE, y: MARGIN + row * step };
      drawGlyph(character, (x, y) =>
        fillSquare(pixels, width, { x: (origin.x + x) * scale, y: (origin.y + y) * scale, scale }),
      );
    });
  });
  return { width, height, pixels };
}

interface Square {
  readonly x: number;
  readonly y: number;
  readonly scale: number;
}

function fillSquare(pixels: Uint8Array, width: number, { x, y, scale }: Square): void {
  for (let row = y; row < y + scale; row += 1) {
    for (let column = x; column < Math.min(x + scale, width); column += 1) {
      pixels[row * width + column] = 255;
    }
  }
}

/** Words in lines of at most `room` characters; a longer word is broken. A line that fits stays as it is. */
function wrap(text: string, room: number): string[] {
  if (text.length <= room) return [text];
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ").flatMap((word) => pieces(word, room))) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (longer.length > room) lines.push(line);
    line = longer.length > room ? word : longer;
  }
  return [...lines, line];
}

function pieces(word: string, room: number): string[] {
  if (word.length <= room) return [word];
  return [word.slice(0, room), ...pieces(word.slice(room), room)];
}

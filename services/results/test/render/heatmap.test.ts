import { decodeHeatMaps, encodeHeatMaps, type Turn } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { charactersIn, drawCaption } from "../../src/render/heatmap/caption.ts";
import { opacityOf } from "../../src/render/heatmap/colour-scale.ts";
import { drawHeatmap, pngOf } from "../../src/render/heatmap/render-heatmap.ts";

const [ROWS, COLUMNS] = [60, 120];

/** Narrow pictures are enlarged: 768 pixels, a stored pixel to as many each. */
const TIMES = Math.ceil(768 / COLUMNS);

/** A grey ramp whose pixels are twice as tall as wide. */
const frame: Frame = {
  rows: ROWS,
  columns: COLUMNS,
  samples: 1,
  data: Uint16Array.from({ length: ROWS * COLUMNS }, (_, i) => (i % COLUMNS) * 30),
  bitsStored: 12,
  signed: false,
  photometric: "MONOCHROME2",
  modality: { kind: "linear", slope: 1, intercept: 0 },
  voi: [],
  pixelAspect: 2,
  padding: null,
  directions: null,
};

const model = {
  preprocessing: {
    intensity: { kind: "percentiles", low: 1, high: 99 },
    invertMonochrome1: true,
    resize: { policy: "letterbox", filter: "triangle" },
    channels: "grey",
  },
  input: { name: "x", dtype: "uint8", layout: "NCHW", channels: 1, height: 64, width: 64 },
} as const;

/** 4 × 4 cells, hot in one corner of the second slice, cold in all of the first. */
function maps() {
  const hot = new Float32Array(16).fill(-1);
  hot[3] = 5;
  const bytes = encodeHeatMaps({ label: 0, height: 4, width: 4 }, [
    new Float32Array(16).fill(-2),
    hot,
  ]);
  return decodeHeatMaps(bytes);
}

async function render(slice: number, turn: Turn | null = null) {
  const caption = ["tiny 1.0.0", "For research use only"];
  const png = await pngOf(drawHeatmap({ frame, maps: maps(), slice, turn, model, caption }));
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  // In pixels of the slice in physical proportions.
  const colourful = (x: number, y: number) => {
    const [column, row] = [x, y].map((place) => place * TIMES + Math.floor(TIMES / 2));
    const at = ((row ?? 0) * info.width + (column ?? 0)) * info.channels;
    return data[at] !== data[at + 1] || data[at + 1] !== data[at + 2];
  };
  return { info, colourful, data };
}

describe("drawHeatmap", () => {
  it("has the slice's physical proportions, large enough to read, and a caption below", async () => {
    const { info } = await render(1);
    expect(info.width).toBe(COLUMNS * TIMES);
    expect(info.height).toBeGreaterThan(ROWS * frame.pixelAspect * TIMES);
  });

  it("has the scale of its colours below the picture, from cold to hot", async () => {
    const { info, data } = await render(1);
    const row = ROWS * frame.pixelAspect * TIMES + 12;
    const brightness = (x: number) => {
      const at = (row * info.width + x) * info.channels;
      return (data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0);
    };
    const places = [0.2, 0.4, 0.6, 0.8, 0.98].map((part) => Math.round(part * info.width));
    const levels = places.map(brightness);
    expect(levels).toEqual(levels.toSorted((a, b) => a - b));
    expect(new Set(levels).size).toBe(levels.length);
  });

  it("leaves more than half of the contrast under the strongest evidence", () => {
    expect(opacityOf(1)).toBeLessThan(0.5);
    expect(opacityOf(1)).toBeGreaterThan(0.3);
    expect(opacityOf(0.05)).toBe(0);
  });

  it("colours the place of the evidence and nothing else", async () => {
    const { colourful } = await render(1);
    expect(colourful(COLUMNS - 2, 2)).toBe(true);
    expect(colourful(2, 2)).toBe(false);
    expect(colourful(COLUMNS - 2, ROWS * 2 - 3)).toBe(false);
  });

  it.each<[Turn, readonly [number, number]]>([
    [{ rotation: 0, flipped: true }, [2, 2]],
    [{ rotation: 180, flipped: false }, [2, ROWS * 2 - 3]],
    [{ rotation: 180, flipped: true }, [COLUMNS - 2, ROWS * 2 - 3]],
    // A quarter clockwise brings the left edge up: what is hot at the upper right was upper left.
    [{ rotation: 90, flipped: false }, [2, 2]],
    [{ rotation: 270, flipped: false }, [COLUMNS - 2, ROWS * 2 - 3]],
    [{ rotation: 90, flipped: true }, [2, ROWS * 2 - 3]],
    [{ rotation: 270, flipped: true }, [COLUMNS - 2, 2]],
  ])("turns the map of %o back onto the stored picture", async (turn, hot) => {
    const { colourful } = await render(1, turn);
    const corners = [2, COLUMNS - 2].flatMap((x) => [2, ROWS * 2 - 3].map((y) => [x, y] as const));
    for (const [x, y] of corners) {
      expect(colourful(x, y)).toBe(x === hot[0] && y === hot[1]);
    }
  });

  it("leaves a slice without evidence as it is", async () => {
    const { colourful } = await render(0);
    const any = Array.from({ length: COLUMNS * ROWS }, (_, i) =>
      colourful(i % COLUMNS, Math.floor(i / COLUMNS)),
    );
    expect(any).not.toContain(true);
  });

  it("refuses a slice that has no map", () => {
    expect(() =>
      drawHeatmap({ frame, maps: maps(), slice: 2, turn: null, model, caption: [] }),
    ).toThrow("no such slice");
  });
});

describe("drawCaption", () => {
  it("has about as many letters to a line whatever the picture's size", () => {
    for (const width of [768, 800, 1024, 1500, 2048, 4096]) {
      expect(charactersIn(width)).toBeGreaterThan(50);
      expect(charactersIn(width)).toBeLessThan(80);
    }
  });

  it("goes on in the next line where the words do not fit", () => {
    const narrow = drawCaption(["one two three four five"], 60);
    const wide = drawCaption(["one two three four five"], 400);
    expect(narrow.height).toBeGreaterThan(wide.height);
    expect(narrow.pixels.length).toBe(narrow.width * narrow.height);
    expect(narrow.pixels.some((level) => level === 255)).toBe(true);
  });
});

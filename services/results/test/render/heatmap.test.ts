import { decodeHeatMaps, encodeHeatMaps, type Turn } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import sharp from "sharp";
import { describe, expect, it } from "vitest";
import { drawCaption } from "../../src/render/heatmap/caption.ts";
import { renderHeatmap } from "../../src/render/heatmap/render-heatmap.ts";

const [ROWS, COLUMNS] = [60, 120];

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
  const png = await renderHeatmap({ frame, maps: maps(), slice, turn, model, caption });
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true });
  const colourful = (x: number, y: number) => {
    const at = (y * info.width + x) * info.channels;
    return data[at] !== data[at + 1] || data[at + 1] !== data[at + 2];
  };
  return { info, colourful, data };
}

describe("renderHeatmap", () => {
  it("has the slice's own width and physical height, and a caption below", async () => {
    const { info } = await render(1);
    expect(info.width).toBe(COLUMNS);
    expect(info.height).toBeGreaterThan(ROWS * frame.pixelAspect);
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
    const { colourful, info } = await render(0);
    const any = Array.from({ length: info.width * 100 }, (_, i) =>
      colourful(i % info.width, Math.floor(i / info.width)),
    );
    expect(any).not.toContain(true);
  });

  it("refuses a slice that has no map", () => {
    expect(() =>
      renderHeatmap({ frame, maps: maps(), slice: 2, turn: null, model, caption: [] }),
    ).toThrow("no such slice");
  });
});

describe("drawCaption", () => {
  it("goes on in the next line where the words do not fit", () => {
    const narrow = drawCaption(["one two three four five"], 60);
    const wide = drawCaption(["one two three four five"], 400);
    expect(narrow.height).toBeGreaterThan(wide.height);
    expect(narrow.pixels.length).toBe(narrow.width * narrow.height);
    expect(narrow.pixels.some((level) => level === 255)).toBe(true);
  });
});

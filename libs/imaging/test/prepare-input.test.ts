import { createHash } from "node:crypto";
import type { ModelInput, Preprocessing } from "@axial/contracts";
import type { Frame } from "@axial/dicom";
import { describe, expect, test } from "vitest";
import { prepareInput, sampleBytes } from "../src/index.ts";

const preprocessing: Preprocessing = {
  intensity: { kind: "full-range" },
  invertMonochrome1: true,
  resize: { policy: "stretch", filter: "triangle" },
  channels: "grey",
};

function inputOf(width: number, height: number, more: Partial<ModelInput> = {}): ModelInput {
  return { name: "image", dtype: "uint8", layout: "NCHW", channels: 1, height, width, ...more };
}

function grey(
  rows: number,
  columns: number,
  data: Frame["data"],
  more: Partial<Frame> = {},
): Frame {
  return {
    rows,
    columns,
    data,
    samples: 1,
    bitsStored: data.BYTES_PER_ELEMENT * 8,
    signed: false,
    photometric: "MONOCHROME2",
    modality: { kind: "linear", slope: 1, intercept: 0 },
    voi: [],
    pixelAspect: 1,
    padding: null,
    directions: null,
    ...more,
  };
}

function prepared(frame: Frame, input: ModelInput, more: Partial<Preprocessing> = {}): number[] {
  const out = new Uint8Array(sampleBytes(input));
  prepareInput(frame, { preprocessing: { ...preprocessing, ...more }, input }, out);
  return [...out];
}

/** A frame of its input's size is not resized: only intensities matter. */
function levels(data: Frame["data"], more: Partial<Frame>, intensity: Preprocessing["intensity"]) {
  const frame = grey(8, data.length / 8, data, more);
  return prepared(frame, inputOf(data.length / 8, 8), { intensity });
}

const ramp = Int16Array.from({ length: 64 }, (_, i) => i * 10 - 100);

describe("intensity", () => {
  test("percentiles, linear between order statistics", () => {
    const out = levels(ramp, { signed: true }, { kind: "percentiles", low: 10, high: 90 });
    const [low, high] = [0.1 * 63 * 10 - 100, 0.9 * 63 * 10 - 100];
    const expected = [...ramp].map((value) =>
      Math.floor(Math.min(Math.max((value - low) / (high - low), 0), 1) * 255 + 0.5),
    );
    expect(out).toEqual(expected);
  });

  test("a flat frame is black", () => {
    const flat = new Uint16Array(64).fill(700);
    expect(levels(flat, {}, { kind: "percentiles", low: 1, high: 99 })).toEqual(Array(64).fill(0));
  });

  test("padding is left out of the statistics and is black", () => {
    const data = Int16Array.from(ramp, (value, i) => (i < 8 ? -2000 : value));
    const padding = { low: -2000, high: -2000 };
    const out = levels(data, { signed: true, padding }, { kind: "percentiles", low: 0, high: 100 });
    expect(out.slice(0, 9)).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0]);
    expect(out.at(-1)).toBe(255);
  });

  test("the first window of the file, after the modality transform", () => {
    const modality = { kind: "linear", slope: 1, intercept: -1000 } as const;
    const voi = [
      { kind: "window", center: 0.5, width: 101, shape: "LINEAR" },
      { kind: "window", center: 9, width: 1, shape: "LINEAR" },
    ] as const;
    const data = Uint16Array.from({ length: 64 }, (_, i) => 930 + i * 2);
    const out = levels(data, { modality, voi }, { kind: "voi" });
    const expected = [...data].map((stored) => {
      const level = ((stored - 1000) / 100 + 0.5) * 255;
      return Math.floor(Math.min(Math.max(level, 0), 255) + 0.5);
    });
    expect(out).toEqual(expected);
  });

  test("sigmoid, exact window and table", () => {
    const at = (voi: Frame["voi"][number], stored: number) =>
      levels(new Uint16Array(64).fill(stored), { voi: [voi] }, { kind: "voi" })[0];
    const window = { kind: "window", center: 100, width: 50 } as const;
    expect(at({ ...window, shape: "SIGMOID" }, 100)).toBe(128);
    expect(at({ ...window, shape: "SIGMOID" }, 125)).toBe(225);
    expect(at({ ...window, shape: "LINEAR_EXACT" }, 75)).toBe(0);
    expect(at({ ...window, shape: "LINEAR_EXACT" }, 125)).toBe(255);
    const values = Uint16Array.of(0, 2048, 4095);
    const table = { kind: "lut", table: { first: 10, bits: 12, values } } as const;
    expect([at(table, 3), at(table, 11), at(table, 99)]).toEqual([0, 128, 255]);
  });

  test("values that do not lie on four bytes come out the same", () => {
    const buffer = new Uint16Array(66);
    const shifted = buffer.subarray(1, 65);
    shifted.set(Uint16Array.from({ length: 64 }, (_, i) => (i * 4099) & 0xffff));
    const intensity = { kind: "percentiles", low: 0, high: 100 } as const;
    expect(levels(shifted, {}, intensity)).toEqual(levels(shifted.slice(), {}, intensity));
  });

  test("MONOCHROME1 is turned round", () => {
    const data = Uint8Array.from({ length: 64 }, (_, i) => i);
    const out = levels(data, { photometric: "MONOCHROME1" }, { kind: "full-range" });
    expect(out).toEqual([...data].map((value) => 255 - value));
  });

  test("float values, and none that is not a number", () => {
    const data = Float32Array.from({ length: 64 }, (_, i) => (i === 5 ? Number.NaN : i / 63));
    const out = levels(data, {}, { kind: "percentiles", low: 0, high: 100 });
    expect([out[0], out[5], out[63]]).toEqual([0, 0, 255]);
  });
});

/** The same picture in Python: `(x * 5 + y * 3 + x * y // 7) % 256`, uint8. */
function picture(rows: number, columns: number): Frame {
  const data = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const x = i % columns;
    const y = Math.floor(i / columns);
    return x * 5 + y * 3 + Math.floor((x * y) / 7);
  });
  return grey(rows, columns, data);
}

const hash = (bytes: number[]) =>
  createHash("sha256").update(Uint8Array.from(bytes)).digest("hex").slice(0, 16);

describe("resize", () => {
  /** SHA-256 of Pillow 13's resize with BILINEAR, columns first, then rows. */
  test.each([
    [50, 40, 32, 24, "076b16aa6666904d"],
    [512, 300, 224, 224, "1fcec4d1de0710ed"],
    [30, 20, 64, 48, "b4b7c3eb890b5667"],
    [100, 9, 16, 64, "9ba2854e6292a133"],
    [700, 600, 16, 16, "68798d2525d7c95e"],
    [5, 5, 8, 8, "97b7fd997c6d8dbb"],
  ])("%i × %i to %i × %i is Pillow's, bit for bit", (rows, columns, height, width, expected) => {
    expect(hash(prepared(picture(rows, columns), inputOf(width, height)))).toBe(expected);
  });

  test("letterbox keeps the anatomy's proportions, not the matrix's", () => {
    const white = grey(8, 16, new Uint8Array(128).fill(255));
    const rowsOf = (frame: Frame) => {
      const out = prepared(frame, inputOf(16, 16), {
        resize: { policy: "letterbox", filter: "triangle" },
      });
      return Array.from({ length: 16 }, (_, y) => out[y * 16 + 8]).filter((v) => v === 255).length;
    };
    expect(rowsOf(white)).toBe(8);
    expect(rowsOf({ ...white, pixelAspect: 2 })).toBe(16);
    expect(rowsOf({ ...white, pixelAspect: 0.5 })).toBe(4);
  });

  test("centre crop fills the input with the middle", () => {
    const data = Uint8Array.from({ length: 8 * 16 }, (_, i) => i % 16);
    const out = prepared(grey(8, 16, data), inputOf(8, 8), {
      resize: { policy: "centre-crop", filter: "triangle" },
    });
    expect(out.slice(0, 8)).toEqual([4, 5, 6, 7, 8, 9, 10, 11]);
  });
});

describe("layout", () => {
  const colour: Frame = {
    ...grey(
      8,
      8,
      Uint8Array.from({ length: 192 }, (_, i) => i),
    ),
    samples: 3,
    photometric: "RGB",
  };
  const three = { channels: 3 } as const;

  test("NHWC and NCHW of colour", () => {
    const input = inputOf(8, 8, { ...three, layout: "NHWC" });
    expect(prepared(colour, input, { channels: "rgb" })).toEqual([...colour.data]);
    const planes = prepared(colour, inputOf(8, 8, three), { channels: "rgb" });
    expect(planes.slice(62, 67)).toEqual([186, 189, 1, 4, 7]);
  });

  test("colour to grey with the weights of BT.601", () => {
    const data = Uint8Array.from({ length: 192 }, (_, i) => [255, 0, 0][i % 3] ?? 0);
    expect(prepared({ ...colour, data }, inputOf(8, 8))[0]).toBe(76);
  });

  test("grey to three channels, and to scaled floats", () => {
    const frame = grey(
      8,
      8,
      Uint8Array.from({ length: 64 }, (_, i) => i),
    );
    expect(prepared(frame, inputOf(8, 8, { ...three, layout: "NHWC" })).slice(3, 6)).toEqual([
      1, 1, 1,
    ]);
    const scale = { multiply: 2, add: -1 };
    const floats = prepared(frame, inputOf(8, 8, { dtype: "float32", scale }));
    const view = new DataView(Uint8Array.from(floats).buffer);
    expect([view.getFloat32(0, true), view.getFloat32(4 * 63, true)]).toEqual([-1, 125]);
  });

  test("an output of another size is refused", () => {
    const model = { preprocessing, input: inputOf(8, 8) };
    expect(() => prepareInput(colour, model, new Uint8Array(63))).toThrow(RangeError);
  });
});

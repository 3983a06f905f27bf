import type { ModelInput, Preprocessing } from "@axial/contracts";
import { directionsOf, type Frame } from "@axial/dicom";
import { describe, expect, test } from "vitest";
import { prepareInput, sampleBytes, turnFor } from "../src/index.ts";

const AXIAL = [1, 0, 0, 0, 1, 0];
const CORONAL = [1, 0, 0, 0, 0, -1];
const SAGITTAL = [0, 1, 0, 0, 0, -1];
const [ROWS, COLUMNS] = [10, 14];

const preprocessing: Preprocessing = {
  intensity: { kind: "full-range" },
  invertMonochrome1: true,
  resize: { policy: "letterbox", filter: "triangle" },
  channels: "grey",
  orientation: "radiological",
};

const input: ModelInput = {
  name: "image",
  dtype: "uint8",
  layout: "NCHW",
  channels: 1,
  height: 16,
  width: 24,
};

/** Nothing symmetric about it; pixels half as tall as wide. */
const picture = Uint8Array.from(
  { length: ROWS * COLUMNS },
  (_, i) => (i * 37 + (i % 11) * 5) % 251,
);

function frame(data: Uint8Array, orientation: number[], turned: boolean): Frame {
  return {
    rows: turned ? COLUMNS : ROWS,
    columns: turned ? ROWS : COLUMNS,
    data,
    samples: 1,
    bitsStored: 8,
    signed: false,
    photometric: "MONOCHROME2",
    modality: { kind: "linear", slope: 1, intercept: 0 },
    voi: [],
    pixelAspect: turned ? 2 : 0.5,
    padding: null,
    directions: directionsOf(orientation),
  };
}

function seen(one: Frame, more: Partial<Preprocessing> = {}) {
  const out = new Uint8Array(sampleBytes(input));
  const turn = prepareInput(one, { preprocessing: { ...preprocessing, ...more }, input }, out);
  return { turn, out: [...out] };
}

/** The eight ways in which one slice can be stored: which axis is stored as columns, and from which end. */
const STORED = [false, true].flatMap((exchanged) =>
  [false, true].flatMap((across) => [false, true].map((down) => ({ exchanged, across, down }))),
);

function stored(way: (typeof STORED)[number], hanging: number[]): Frame {
  const { exchanged, across, down } = way;
  const [rows, columns] = exchanged ? [COLUMNS, ROWS] : [ROWS, COLUMNS];
  const data = Uint8Array.from({ length: rows * columns }, (_, i) => {
    const x = across ? columns - 1 - (i % columns) : i % columns;
    const y = down ? rows - 1 - Math.floor(i / columns) : Math.floor(i / columns);
    return picture[exchanged ? x * COLUMNS + y : y * COLUMNS + x] ?? 0;
  });
  const [row, column] = [hanging.slice(0, 3), hanging.slice(3)];
  const [alongRow, alongColumn] = exchanged ? [column, row] : [row, column];
  const signed = (vector: number[], minus: boolean) => vector.map((v) => (minus ? -v : v));
  return frame(data, [...signed(alongRow, across), ...signed(alongColumn, down)], exchanged);
}

describe.each([
  ["axial", AXIAL],
  ["coronal", CORONAL],
  ["sagittal", SAGITTAL],
])("an %s slice", (_plane, hanging) => {
  const upright = seen(frame(picture, hanging, false));

  test("that hangs as radiologists hang it is not turned", () => {
    expect(upright.turn).toBeNull();
    expect(upright.out).toEqual(
      seen(frame(picture, hanging, false), { orientation: "as-stored" }).out,
    );
  });

  test.each(STORED)("stored %o looks the same to the model, to the bit", (way) => {
    expect(seen(stored(way, hanging)).out).toEqual(upright.out);
  });

  test("is left alone where the package says so", () => {
    const way = { exchanged: false, across: true, down: false };
    const asStored = seen(stored(way, hanging), { orientation: "as-stored" });
    expect(asStored.turn).toBeNull();
    expect(asStored.out).not.toEqual(upright.out);
  });
});

describe("turnFor", () => {
  const turn = (orientation: number[]) => turnFor(directionsOf(orientation), "radiological");

  test("in the terms of the standard: clockwise, then mirrored", () => {
    expect(turn([-1, 0, 0, 0, 1, 0])).toEqual({ rotation: 0, flipped: true });
    expect(turn([-1, 0, 0, 0, -1, 0])).toEqual({ rotation: 180, flipped: false });
    expect(turn([1, 0, 0, 0, -1, 0])).toEqual({ rotation: 180, flipped: true });
    // Columns run to the right and rows to the back: a quarter clockwise puts them right.
    expect(turn([0, 1, 0, -1, 0, 0])).toEqual({ rotation: 90, flipped: false });
    expect(turn([0, -1, 0, 1, 0, 0])).toEqual({ rotation: 270, flipped: false });
    expect(turn([0, 1, 0, 1, 0, 0])).toEqual({ rotation: 90, flipped: true });
  });

  test("oblique slices go to the nearest", () => {
    const [c, s] = [Math.cos(0.6), Math.sin(0.6)];
    expect(turn([c, s, 0, -s, c, 0])).toBeNull();
    expect(turn([-c, -s, 0, s, -c, 0])).toEqual({ rotation: 180, flipped: false });
    expect(turn([1, 0, 0, 0, c, s])).toBeNull();
    // Beyond 45 degrees rows are nearer to being columns.
    const [c2, s2] = [Math.cos(1), Math.sin(1)];
    expect(turn([c2, s2, 0, -s2, c2, 0])).toEqual({ rotation: 90, flipped: false });
  });

  test("what says nothing is not turned", () => {
    expect(turnFor(null, "radiological")).toBeNull();
    expect(turn([0, 0, 0, 0, 0, 0])).toBeNull();
  });
});

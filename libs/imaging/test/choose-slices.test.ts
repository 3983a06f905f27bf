import { describe, expect, test } from "vitest";
import { chooseSlices } from "../src/index.ts";

const slices = Array.from({ length: 10 }, (_, i) => i);
const every5mm = { slices, offsets: slices.map((i) => i * 5), plane: null };

test.each([
  [{ kind: "all", max: 20 }, slices],
  [{ kind: "all", max: 5 }, [1, 3, 5, 7, 9]],
  [{ kind: "central", count: 4 }, [3, 4, 5, 6]],
  [{ kind: "central", count: 99 }, slices],
  [{ kind: "single" }, [4]],
  [{ kind: "spread", count: 5, from: 0, to: 1 }, [1, 3, 4, 6, 8]],
  [{ kind: "spread", count: 9, from: 0.5, to: 1 }, [5, 6, 7, 8, 9]],
  [{ kind: "spread", count: 3, from: 0.5, to: 0.5 }, [4]],
  [{ kind: "window", count: 9, millimetres: 15, centre: 0.5 }, [3, 4, 5, 6]],
  [{ kind: "window", count: 2, millimetres: 400, centre: 0.5 }, [0, 9]],
  [{ kind: "window", count: 9, millimetres: 1, centre: 0.5 }, [4]],
] as const)("%o", (rule, expected) => {
  expect(chooseSlices(every5mm, rule)).toEqual(expected);
});

describe("what is chosen is anatomy, not a count", () => {
  const head = (spacing: number) => {
    const count = Math.round(180 / spacing) + 1;
    const at = Array.from({ length: count }, (_, i) => i * spacing);
    return { slices: at, offsets: at, plane: null };
  };

  test.each([
    [{ kind: "spread", count: 6, from: 0.25, to: 0.75 }],
    [{ kind: "window", count: 6, millimetres: 90, centre: 0.5 }],
  ] as const)("%o covers the same of a head, however thin its slices are", (rule) => {
    for (const spacing of [1, 3, 6]) {
      const chosen = chooseSlices(head(spacing), rule) ?? [];
      expect(chosen).toHaveLength(6);
      expect(Math.abs((chosen[0] ?? 0) - 52.5)).toBeLessThanOrEqual(spacing);
      expect(Math.abs((chosen.at(-1) ?? 0) - 127.5)).toBeLessThanOrEqual(spacing);
    }
  });

  test("gaps do not draw slices towards the dense part", () => {
    const at = [0, 1, 2, 3, 4, 5, 50, 100];
    const rule = { kind: "spread", count: 3, from: 0, to: 1 } as const;
    expect(chooseSlices({ slices: at, offsets: at, plane: null }, rule)).toEqual([5, 50, 100]);
  });
});

test("without distances a part is of the count, and millimetres cannot be laid", () => {
  const unknown = { slices, offsets: null, plane: null };
  const spread = { kind: "spread", count: 9, from: 0.5, to: 1 } as const;
  expect(chooseSlices(unknown, spread)).toEqual([5, 6, 7, 8, 9]);
  const window = { kind: "window", count: 9, millimetres: 15, centre: 0.5 } as const;
  expect(chooseSlices(unknown, window)).toBeNull();
});

test("a plane may have a part of its own, from either end", () => {
  const rule = {
    kind: "window",
    count: 9,
    millimetres: 5,
    centre: 0.5,
    byPlane: { axial: { millimetres: 10, centre: 1, offset: -10 } },
  } as const;
  const chosen = (plane: "axial" | "coronal" | null) => chooseSlices({ ...every5mm, plane }, rule);
  expect(chosen("axial")).toEqual([6, 7, 8]);
  expect(chosen("coronal")).toEqual([4, 5]);
  expect(chosen(null)).toEqual([4, 5]);
  const spread = {
    kind: "spread",
    count: 9,
    from: 0,
    to: 0.2,
    byPlane: { sagittal: { from: 0.8, to: 1 } },
  } as const;
  expect(chooseSlices({ ...every5mm, plane: "sagittal" }, spread)).toEqual([8, 9]);
  expect(chooseSlices({ ...every5mm, plane: "axial" }, spread)).toEqual([0, 1]);
});

test("of nothing comes nothing", () => {
  const nothing = { slices: [], offsets: [], plane: null };
  expect(chooseSlices(nothing, { kind: "single" })).toEqual([]);
  const spread = { kind: "spread", count: 9, from: 0, to: 1 } as const;
  expect(chooseSlices(nothing, spread)).toEqual([]);
});

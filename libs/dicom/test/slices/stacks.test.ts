import type { InstanceFacts } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { type Slice, stacksOf } from "../../src/index.ts";
import { slice } from "./facts.ts";

const SAGITTAL = [0, 1, 0, 0, 0, -1];

const stack = (count: number, more: Partial<InstanceFacts> = {}, from = 0) =>
  Array.from({ length: count }, (_, i) => slice(from + 3 * i, i + 1, more));
const sizes = (slices: readonly Slice[]) =>
  stacksOf(slices)
    .map(({ length }) => length)
    .sort((a, b) => a - b);

describe("slices that do not belong together are apart", () => {
  test.each<[string, Partial<InstanceFacts>]>([
    ["plane", { orientation: SAGITTAL }],
    ["angle", { orientation: [1, 0, 0, 0, Math.cos(0.1), Math.sin(0.1)] }],
    ["echo", { echoTime: 90 }],
    ["b-value", { diffusionBValue: 1000 }],
    ["time", { temporalPosition: 2 }],
    ["image type", { imageType: ["ORIGINAL", "PRIMARY", "P"] }],
    ["side", { laterality: "L" }],
    ["view", { viewPosition: "LATERAL" }],
  ])("%s", (_what, more) => {
    const base = { echoTime: 10, diffusionBValue: 0, temporalPosition: 1, laterality: "R" };
    expect(sizes([...stack(5, base), ...stack(4, { ...base, ...more })])).toEqual([4, 5]);
  });

  test("two knees in one series", () => {
    expect(sizes([...stack(6), ...stack(5, {}, 100)])).toEqual([5, 6]);
  });

  test("acquisitions that hold the same places with other pixels", () => {
    const acquired = (acquisitionNumber: number) => stack(4, { acquisitionNumber });
    expect(sizes([...acquired(1), ...acquired(2), ...acquired(3)])).toEqual([4, 4, 4]);
  });
});

describe("slices that belong together stay together", () => {
  test("a slice stored mirrored, a rounded cosine, an acquisition for every slice", () => {
    expect(
      stacksOf([
        slice(0, 1, { acquisitionNumber: 1 }),
        slice(3, 2, { acquisitionNumber: 2, orientation: [-1, 0, 0, 0, 1, 0] }),
        slice(6, 3, { acquisitionNumber: 3, orientation: [0.99999, 0.001, 0, 0, 1, 0] }),
      ]),
    ).toHaveLength(1);
  });

  test("slices far apart, all of them; a missing one", () => {
    expect(sizes([0, 60, 120].map((z, i) => slice(z, i + 1)))).toEqual([3]);
    expect(sizes([0, 3, 6, 24, 27].map((z, i) => slice(z, i + 1)))).toEqual([5]);
  });

  test("a series that was exported twice", () => {
    const twice = [1, 2].flatMap(() =>
      [0, 3, 6].map((z, i) => slice(z, i + 1, { pixelChecksum: i, acquisitionNumber: 1 })),
    );
    expect(sizes(twice)).toEqual([6]);
  });
});

import { describe, expect, test } from "vitest";
import { medianSpacing, placesOf, type Slice, slicesOf } from "../../src/index.ts";
import { axial, facts, slice } from "./facts.ts";

const uids = (slices: readonly Slice[]) => slices.map(({ instance }) => instance.sopInstanceUid);
const numbers = (slices: readonly Slice[]) => slices.map(({ instance }) => instance.instanceNumber);
const reasons = (stack: readonly Slice[]) => {
  const { excluded } = placesOf(stack);
  return stack.map((one) => excluded.get(one) ?? null);
};

describe("places in order", () => {
  test("by position, not by number", () => {
    const stack = [slice(10, 1), slice(-5, 2), slice(0, 3), slice(5, 4)];
    const { slices, order, offsets } = placesOf(stack);
    expect(slices.map(({ position }) => position?.[2])).toEqual([-5, 0, 5, 10]);
    expect({ order, offsets }).toEqual({ order: "position", offsets: [0, 5, 10, 15] });
    expect(medianSpacing(offsets)).toBe(5);
  });

  test("from one end of the patient to the other, whichever way the slices were stored", () => {
    const upright = [slice(0, 1), slice(5, 2), slice(10, 3)];
    const mirrored = upright.map(({ instance }, index) =>
      slice(5 * index, index + 1, { ...instance, orientation: [-1, 0, 0, 0, 1, 0] }),
    );
    expect(numbers(placesOf(mirrored).slices)).toEqual(numbers(placesOf(upright).slices));
  });

  test("without positions by number; spacing as the instances say it", () => {
    const numbered = (number: number) =>
      slice(0, number, { orientation: null, position: null, sliceSpacing: 4 });
    const { slices, order, offsets } = placesOf([numbered(7), numbered(2), numbered(3)]);
    expect(numbers(slices)).toEqual([2, 3, 7]);
    expect({ order, offsets }).toEqual({ order: "instance-number", offsets: [0, 4, 8] });
  });

  test.each([
    ["no numbers", [null, null, null]],
    ["a missing number", [1, null, 3]],
    ["equal numbers", [1, 2, 2]],
  ])("%s and no positions: no order, and none that the UIDs make", (_name, given) => {
    const stack = (names: readonly string[]) =>
      given.map((number, index) =>
        slice(0, number, {
          orientation: null,
          position: null,
          pixelChecksum: 100 - index,
          sopInstanceUid: names[index] ?? "",
        }),
      );
    const first = placesOf(stack(["2.1", "2.2", "2.3"]));
    const renamed = placesOf(stack(["2.9", "2.8", "2.7"]));
    expect(first.order).toBe("none");
    const pictures = (slices: readonly Slice[]) => slices.map((s) => s.instance.pixelChecksum);
    expect(pictures(renamed.slices)).toEqual(pictures(first.slices));
  });

  test("frames of one instance are in the order of the file where nothing else is known", () => {
    const { slices, order } = placesOf(slicesOf(facts({ frames: 3, instanceNumber: null })));
    expect(slices.map(({ frame }) => frame)).toEqual([0, 1, 2]);
    expect(order).toBe("instance-number");
  });

  test("a slice without a position among others has no place", () => {
    const stack = [slice(0, 1), slice(5, 2), slice(9, 3, { position: null })];
    expect(reasons(stack)).toEqual([null, null, "no-position"]);
  });
});

describe("one slice for each place", () => {
  test("a series that was exported twice has each place once", () => {
    const once = [0, 5, 10].map((z, i) => slice(z, i + 1, { pixelChecksum: i }));
    const again = [0, 5, 10].map((z, i) =>
      slice(z, i + 1, { pixelChecksum: i, sopInstanceUid: `2.25.9${i}` }),
    );
    const stack = [...again, ...once];
    expect(uids(placesOf(stack).slices)).toEqual(uids(placesOf(once).slices));
    expect(reasons(stack).filter((why) => why === "duplicate-place")).toHaveLength(3);
    expect(placesOf(stack.toReversed()).slices).toEqual(placesOf(stack).slices);
  });

  test("of two pictures of a place the later one stays", () => {
    const stack = [
      slice(0, 1),
      slice(5, 2, { pixelChecksum: 1 }),
      slice(5, 9, { pixelChecksum: 2 }),
    ];
    expect(reasons(stack)).toEqual([null, "repeated-place", null]);
  });

  test("where nothing tells which of two pictures is meant, neither stays", () => {
    const stack = [
      slice(0, 1),
      slice(5, 2, { pixelChecksum: 1 }),
      slice(5, 2, { pixelChecksum: 2 }),
    ];
    expect(reasons(stack)).toEqual([null, "ambiguous-place", "ambiguous-place"]);
  });

  test("dark slices that look the same at several places are several", () => {
    const stack = [0, 5, 10].map((z, i) => slice(z, i + 1, { pixelChecksum: 7 }));
    expect(placesOf(stack).slices).toHaveLength(3);
    const unplaced = [1, 2].map((n) => slice(0, n, { position: null, pixelChecksum: 7 }));
    expect(placesOf(unplaced).slices).toHaveLength(2);
  });
});

test("slices without a checksum are never taken for copies", () => {
  const bare = (number: number) => ({ ...axial, position: [0, 0, 3], instanceNumber: number });
  const stack = [bare(1), bare(2)].flatMap((more) => slicesOf(facts(more)));
  expect(reasons(stack)).toEqual(["repeated-place", null]);
});

import { describe, expect, it } from "vitest";
import { intervalsOf } from "../../src/evaluate/intervals.ts";
import type { Scored } from "../../src/evaluate/scored.ts";
import { rocOf, scoresOf } from "../../src/evaluate/scores.ts";

/** Rows that put 0.8 on `predicted` and share the rest. */
function scored(labels: string[], pairs: [actual: number, predicted: number][]): Scored {
  const others = 0.2 / (labels.length - 1);
  return {
    labels,
    truth: pairs.map(([actual]) => actual),
    probabilities: pairs.map(([, predicted]) =>
      labels.map((_, label) => (label === predicted ? 0.8 : others)),
    ),
  };
}

describe("scores", () => {
  it("are those of the textbook for two classes", () => {
    const pairs: [number, number][] = [
      [0, 0],
      [0, 0],
      [0, 1],
      [1, 1],
    ];
    const scores = scoresOf(scored(["no", "yes"], pairs), false);
    expect(scores).toMatchObject({
      count: 4,
      accuracy: 0.75,
      confusionMatrix: [
        [2, 1],
        [0, 1],
      ],
    });
    expect(scores.perClass[1]).toMatchObject({ precision: 0.5, recall: 1, support: 1 });
    expect(scores.perClass[1]?.f1).toBeCloseTo(2 / 3);
    expect(scores).not.toHaveProperty("quadraticWeightedKappa");
  });

  it("weigh a distant grade more than a near one", () => {
    const labels = ["grade-0", "grade-1", "grade-2"];
    const near = scoresOf(
      scored(labels, [
        [0, 0],
        [1, 1],
        [2, 1],
      ]),
      true,
    );
    const far = scoresOf(
      scored(labels, [
        [0, 0],
        [1, 1],
        [2, 0],
      ]),
      true,
    );
    // By hand: observed 1; expected (2 + 1 + 6) / 3, from rows 1, 1, 1 and columns 1, 2, 0.
    expect(near.quadraticWeightedKappa).toBeCloseTo(1 - 1 / 3, 10);
    expect(near.quadraticWeightedKappa).toBeGreaterThan(far.quadraticWeightedKappa ?? 1);
    expect(near.meanAbsoluteError).toBeCloseTo(1 / 3);
    expect(scoresOf(scored(labels, [[2, 2]]), true).quadraticWeightedKappa).toBe(1);
  });

  it("count ties as half under the ROC curve, and nothing for a class without images", () => {
    const tied: Scored = {
      labels: ["a", "b"],
      truth: [0, 1],
      probabilities: [
        [0.5, 0.5],
        [0.5, 0.5],
      ],
    };
    expect(scoresOf(tied, false).macroAuc).toBe(0.5);
    expect(rocOf(tied, 0)).toEqual([
      { falsePositives: 0, truePositives: 0 },
      { falsePositives: 1, truePositives: 1 },
    ]);
    const oneSided = scoresOf({ ...tied, truth: [0, 0] }, false);
    expect(oneSided.macroAuc).toBeNull();
  });
});

describe("calibration", () => {
  it("is the distance of what was said from what was right", () => {
    const said = (winning: number) => [winning, 1 - winning];
    const four: Scored = {
      labels: ["a", "b"],
      truth: [0, 1, 0, 0],
      probabilities: [said(0.95), said(0.95), said(0.55), said(0.55)],
    };
    const { ece, calibration } = scoresOf(four, false);
    // By hand: of 0.95 half is right, of 0.55 all.
    expect(ece).toBeCloseTo((0.45 + 0.45) / 2);
    expect(calibration).toMatchObject([
      { count: 2, accuracy: 1 },
      { count: 2, accuracy: 0.5 },
    ]);
  });
});

describe("intervals", () => {
  const labels = ["a", "b"];
  const wrong: [number, number][] = Array.from({ length: 30 }, () => [0, 1]);
  const right: [number, number][] = Array.from({ length: 30 }, () => [0, 0]);
  const both = scored(labels, [...right, ...wrong]);

  it("are wider where images belong together, and weigh groups alike", () => {
    const single = intervalsOf(both, { groups: both.truth.map(String), ordinal: false });
    const alone = both.truth.map((_, image) => `image ${image}`);
    const apart = intervalsOf(both, { groups: alone, ordinal: false });
    const few = both.truth.map((_, image) => (image < 30 ? "one" : `other ${image % 3}`));
    const together = intervalsOf(both, { groups: few, ordinal: false });
    expect(single.groups).toBe(1);
    expect(apart.groups).toBe(60);
    expect(apart.accuracyPerGroup).toBe(0.5);
    expect(together.accuracyPerGroup).toBe(0.25);
    const width = ([low, high]: readonly [number, number]) => high - low;
    expect(width(together.accuracy)).toBeGreaterThan(2 * width(apart.accuracy));
    expect(intervalsOf(both, { groups: alone, ordinal: false })).toEqual(apart);
  });
});

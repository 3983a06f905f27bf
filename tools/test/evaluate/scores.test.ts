import { describe, expect, it } from "vitest";
import { rocOf, type Scored, scoresOf } from "../../src/evaluate/scores.ts";

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

import type { AbstentionRule } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { assessCertainty } from "../../src/engine/certainty.ts";

const LABELS = [{ id: "a" }, { id: "b" }, { id: "c" }];

function assess(
  thresholds: Partial<AbstentionRule>,
  slices: readonly (readonly number[])[],
  series: readonly number[] = slices[0] ?? [],
) {
  const rule = { distribution: "kind", measuredOn: "phantoms", ...thresholds };
  return assessCertainty(rule, LABELS, { series, slices });
}

describe("the certainty of a series", () => {
  it("counts the slices that vote as the series does", () => {
    const votes = [
      [0.8, 0.1, 0.1],
      [0.4, 0.5, 0.1],
      [0.9, 0.1, 0],
    ];
    expect(assess({ minimumAgreement: 0.5 }, votes)).toMatchObject({
      leading: "a",
      agreement: 0.6667,
      crossed: [],
    });
    expect(assess({ minimumAgreement: 0.7 }, votes).crossed).toEqual(["agreement"]);
  });

  it("measures how even the distribution is, and how far the first leads", () => {
    expect(assess({}, [[1, 1, 1].map((x) => x / 3)])).toMatchObject({ entropy: 1, margin: 0 });
    expect(assess({}, [[1, 0, 0]])).toMatchObject({ entropy: 0, margin: 1 });
    const close = [0.45, 0.4, 0.15];
    expect(assess({ minimumMargin: 0.1, maximumEntropy: 0.9 }, [close]).crossed).toEqual([
      "entropy",
      "margin",
    ]);
    expect(assess({ minimumMargin: 0.05, maximumEntropy: 0.95 }, [close]).crossed).toEqual([]);
  });

  it("never abstains without thresholds", () => {
    expect(assess({}, [[1, 1, 1].map((x) => x / 3)]).crossed).toEqual([]);
  });

  it("takes findings that may hold at once", () => {
    expect(assess({}, [[0.9, 0.9, 0]])).toMatchObject({ entropy: 0.6309, margin: 0 });
  });
});

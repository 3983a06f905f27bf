import type { Distribution } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { Agreement, kappaOf } from "../../src/backfill/agreement.ts";

function saying(label: string, probability: number): Distribution {
  const other = label === "yes" ? "no" : "yes";
  return {
    ...{ name: "answer", kind: "head", label, display: label, probability },
    probabilities: { [label]: probability, [other]: 1 - probability },
  };
}

describe("how far two versions agree", () => {
  it("is the share of same labels, and kappa what is beyond chance", () => {
    // The example of Cohen 1960 in every textbook: 20 and 15 agree, 5 and 10 do not.
    const agreement = new Agreement("answer", null);
    const add = (count: number, a: string, b: string) => {
      for (let at = 0; at < count; at += 1) agreement.add(saying(a, 0.9), saying(b, 0.8));
    };
    add(20, "yes", "yes");
    add(5, "yes", "no");
    add(10, "no", "yes");
    add(15, "no", "no");
    const figures = agreement.figures();
    expect(figures).toMatchObject({ pairs: 50, agreement: 0.7, weightedKappa: null });
    expect(figures.kappa).toBeCloseTo(0.4, 12);
    expect(figures.labels).toEqual(["yes", "no"]);
    expect(figures.confusion).toEqual([
      [20, 5],
      [10, 15],
    ]);
    expect(figures.meanChange).toBeCloseTo((35 * 0.1 + 15 * 0.7) / 50, 12);
    expect(figures.largestChange).toBeCloseTo(0.7, 12);
  });

  it("weighs a distance where labels have an order, without those that have none", () => {
    const agreement = new Agreement("answer", ["no", "yes"]);
    agreement.add(saying("yes", 0.9), saying("no", 0.6));
    agreement.add(saying("no", 0.9), saying("no", 0.9));
    agreement.add(saying("indeterminate", 0.5), saying("no", 0.9));
    expect(agreement.figures()).toMatchObject({ labels: ["no", "yes", "indeterminate"] });
    expect(agreement.figures().weightedKappa).toBeCloseTo(0, 12);
  });

  it("has no kappa where both always say the same, nor without pairs", () => {
    expect(kappaOf([[4]], (a, b) => (a === b ? 0 : 1))).toBeNull();
    expect(new Agreement("answer", null).figures()).toMatchObject({ pairs: 0, kappa: null });
  });
});

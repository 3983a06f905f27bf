import { describe, expect, it } from "vitest";
import { isWanted, type RunContent, withheldModels } from "../../src/delivery/wanted.ts";

const result = (
  label: string,
  probability: number,
  model: { id?: string; evidence?: "synthetic" | "research" } = {},
): RunContent["results"][number] => ({
  model: { id: "tiny-brain", version: "1.0.0", sha256: "a", evidence: "research", ...model },
  distributions: [
    { name: "mass", kind: "head", label, display: label, probability, probabilities: {} },
  ],
});
const run = (...results: RunContent["results"]): RunContent => ({
  lane: "routine",
  results,
  unanalysed: [],
});
const refused: RunContent = { lane: "routine", results: [], unanalysed: [{ model: "tiny-brain" }] };

describe("isWanted", () => {
  it("takes every run without a filter", () => {
    for (const one of [run(result("yes", 0.6)), run(result("indeterminate", 0.4)), refused]) {
      expect(isWanted({}, one)).toBe(true);
    }
  });

  it("takes a run with one finding that meets every condition", () => {
    const both = run(result("no", 0.99), result("yes", 0.7));
    expect(isWanted({ labels: ["yes"], minProbability: 0.6 }, both)).toBe(true);
    expect(isWanted({ labels: ["yes"], minProbability: 0.8 }, both)).toBe(false);
    expect(isWanted({ models: ["other"] }, both)).toBe(false);
    expect(isWanted({ evidence: ["validated"] }, both)).toBe(false);
    expect(isWanted({ lanes: ["stat"] }, both)).toBe(false);
  });

  it("leaves out abstentions and refusals where they are not wanted", () => {
    const open = run(result("indeterminate", 0.4));
    expect(isWanted({ abstentions: false }, open)).toBe(false);
    expect(isWanted({ refusals: false }, refused)).toBe(false);
    expect(isWanted({ models: ["other"] }, refused)).toBe(false);
    expect(isWanted({ labels: ["yes"] }, refused)).toBe(true);
  });
});

describe("withheldModels", () => {
  it("names synthetic models that are not allowed", () => {
    const results = [
      result("yes", 1, { id: "a", evidence: "synthetic" }),
      result("yes", 1, { id: "b", evidence: "synthetic" }),
      result("yes", 1),
    ];
    expect(withheldModels(["b"], results)).toEqual(["a"]);
    expect(withheldModels(["a", "b"], results)).toEqual([]);
  });
});

import { describe, expect, it } from "vitest";
import { marksOf, reservations, shownProbability } from "../public/js/prediction-card.mjs";

const FIGURES = {
  distribution: "tumour",
  leading: "glioma",
  agreement: 0.5,
  entropy: 0.9,
  margin: 0.04,
};
const OPEN = {
  ...{
    outcome: "indeterminate",
    laterality: null,
    domain: { inDomain: true, distance: 0.7, threshold: 1 },
  },
  certainty: [
    { ...FIGURES, crossed: ["agreement", "margin"] },
    { ...FIGURES, distribution: "plane", crossed: [] },
  ],
};
const FOUND = { ...OPEN, outcome: "finding", certainty: [{ ...FIGURES, crossed: [] }] };

describe("what a model cannot tell", () => {
  it("is marked, and said with the figures that crossed a threshold", () => {
    expect(marksOf(OPEN)).toEqual([{ text: "indeterminate", tone: "warn" }]);
    expect(reservations(OPEN)).toEqual([
      "The model cannot tell (agreement 0.50, margin 0.04): do not read the most probable label as a finding.",
    ]);
  });

  it("has no probability", () => {
    expect(shownProbability({ label: "indeterminate", probability: 0.41 })).toBeNull();
    expect(shownProbability({ label: "glioma", probability: 0.41 })).toBe(" 41 %");
  });
});

it("what is unlike the training images is marked, with the figures", () => {
  const foreign = { ...FOUND, domain: { inDomain: false, distance: 1.234, threshold: 1 } };
  expect(marksOf(foreign)).toEqual([{ text: "out of domain", tone: "warn" }]);
  expect(reservations(foreign)).toEqual([
    "The images are unlike those that the model was trained on (distance 1.23, threshold 1.00).",
  ]);
});

it("a finding in domain has no mark but its side", () => {
  expect(marksOf({ ...FOUND, laterality: "L" })).toEqual([{ text: "side L" }]);
  expect(reservations(FOUND)).toEqual([]);
});

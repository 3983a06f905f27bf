import { expect, it } from "vitest";
import { predictionRows } from "../../src/render/prediction-rows.ts";
import { DISTRIBUTION, PREDICTION, STUDY } from "./study-view.ts";

const labels = (...predictions: (typeof PREDICTION)[]) =>
  predictionRows({ ...STUDY, predictions }).map(({ label, probability }) => [label, probability]);

it("shows the label of what was found, with its side", () => {
  expect(labels(PREDICTION, { ...PREDICTION, laterality: "L" })).toEqual([
    ["Glioma", "0.914"],
    ["Glioma, left", "0.914"],
  ]);
});

it("marks what is unlike the training images", () => {
  const domain = { distance: 2, threshold: 1, falseAlarmRate: 0.01, slicesBeyond: 9 };
  expect(
    labels(
      { ...PREDICTION, domain: { ...domain, inDomain: false } },
      { ...PREDICTION, domain: { ...domain, inDomain: true } },
    ),
  ).toEqual([
    ["Glioma (out of domain)", "0.914"],
    ["Glioma", "0.914"],
  ]);
});

it("shows what cannot be told as that, without the probability of the leading label", () => {
  const head = { ...DISTRIBUTION, label: "indeterminate", display: "Indeterminate" };
  const open = { ...PREDICTION, outcome: "indeterminate" as const, distributions: [head] };
  expect(labels(open)).toEqual([["Indeterminate", ""]]);
});

it("shows refusals after the predictions", () => {
  const refusals = [{ model: "brain 1.0.0", series: "1.2.3", code: "wrong-plane", facts: {} }];
  const [, row] = predictionRows({ ...STUDY, predictions: [PREDICTION], refusals } as typeof STUDY);
  expect(row).toMatchObject({ model: "brain 1.0.0", label: "refused: wrong-plane" });
});

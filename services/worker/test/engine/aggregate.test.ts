import type { Head, ModelPackage } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { aggregate } from "../../src/engine/aggregate.ts";
import type { SliceOutputs } from "../../src/engine/slice-work.ts";

const label = (id: string) => ({ id, display: id.toUpperCase() });

const HEAD: Head = {
  name: "kind",
  output: "probabilities",
  kind: "softmax",
  ordinal: false,
  labels: [label("a-left"), label("a-right"), label("b-left")],
  marginals: [
    {
      name: "letter",
      labels: [
        { ...label("a"), of: ["a-left", "a-right"] },
        { ...label("b"), of: ["b-left"] },
      ],
    },
  ],
};

function run(kind: ModelPackage["aggregation"]["kind"], rows: number[][], head: Head = HEAD) {
  const manifest = { heads: [head], aggregation: { kind } } as ModelPackage;
  const slices: SliceOutputs[] = rows.map((row) => ({
    [head.output]: { shape: [row.length], values: Float32Array.from(row) },
  }));
  return aggregate(manifest, slices).distributions;
}

describe("aggregation", () => {
  it("takes the mean over slices, and sums marginals over it", () => {
    const [head, letter] = run("mean", [
      [0.5, 0.1, 0.4],
      [0.1, 0.5, 0.4],
    ]);
    expect(head).toMatchObject({ name: "kind", kind: "head", label: "b-left", probability: 0.4 });
    expect(letter).toMatchObject({
      name: "letter",
      kind: "marginal",
      label: "a",
      display: "A",
      probabilities: { a: 0.6, b: 0.4 },
    });
  });

  it("takes the maximum, and makes a softmax head a distribution again", () => {
    const [head] = run("max", [
      [0.8, 0.1, 0.1],
      [0.1, 0.1, 0.8],
    ]);
    expect(head?.probabilities).toEqual({
      "a-left": 0.470588,
      "a-right": 0.058824,
      "b-left": 0.470588,
    });
  });

  it("leaves the maxima of independent findings as they are", () => {
    const rows = [
      [0.9, 0.2, 0],
      [0.1, 0.7, 0],
    ];
    const [head] = run("max", rows, { ...HEAD, kind: "sigmoid" });
    expect(head?.probabilities).toEqual({ "a-left": 0.9, "a-right": 0.7, "b-left": 0 });
  });

  it("believes a graph that has seen the whole series", () => {
    const row = [0.2, 0.3, 0.5];
    expect(run("in-graph", [row, row])[0]?.probability).toBe(0.5);
  });

  it("does not turn numbers that are none into a prediction", () => {
    expect(() => run("mean", [[Number.NaN, 0, 1]])).toThrow("not a distribution");
  });

  it("gives no label where the package's rule says that it cannot be told", () => {
    const rows = [
      [0.5, 0.1, 0.4],
      [0.1, 0.4, 0.5],
    ];
    const abstention = [{ distribution: "letter", minimumMargin: 0.2, measuredOn: "phantoms" }];
    const manifest = { heads: [HEAD], aggregation: { kind: "mean" }, abstention } as ModelPackage;
    const slices = rows.map((row) => ({
      probabilities: { shape: [3], values: Float32Array.from(row) },
    }));
    const { distributions, certainty } = aggregate(manifest, slices);
    expect(certainty).toMatchObject([
      { distribution: "letter", leading: "a", agreement: 1, margin: 0.1, crossed: ["margin"] },
    ]);
    expect(distributions).toMatchObject([
      { name: "kind", label: "indeterminate", display: "Indeterminate", probability: 0.45 },
      { name: "letter", label: "indeterminate", probabilities: { a: 0.55, b: 0.45 } },
    ]);
    const sure = { ...manifest, abstention: [{ ...abstention[0], minimumMargin: 0.05 }] };
    expect(aggregate(sure as ModelPackage, slices).distributions[1]?.label).toBe("a");
  });
});

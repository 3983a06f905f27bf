import type { DomainRule, ModelPackage } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { assessDomain, sliceDistance } from "../../src/engine/domain.ts";
import type { SliceOutputs } from "../../src/engine/slice-work.ts";

const RULE: DomainRule = {
  output: "distance",
  threshold: 2,
  falseAlarmRate: 0.01,
  action: "mark",
  measuredOn: "phantoms",
};

const slice = (distance: number): SliceOutputs => ({
  distance: { shape: [1], values: Float32Array.of(distance) },
});

function assess(distances: readonly number[], rule: Partial<DomainRule> = {}) {
  const manifest = { domain: { ...RULE, ...rule } } as ModelPackage;
  return assessDomain(manifest, distances.map(slice));
}

describe("the domain of a series", () => {
  it("is left when more than half of its slices are beyond the threshold", () => {
    expect(assess([1, 9, 9])).toEqual({
      inDomain: false,
      distance: 9,
      threshold: 2,
      falseAlarmRate: 0.01,
      slicesBeyond: 2,
    });
    expect(assess([1, 1, 9])).toMatchObject({ inDomain: true, distance: 1, slicesBeyond: 1 });
    expect(assess([1, 9])).toMatchObject({ inDomain: true, distance: 1, slicesBeyond: 1 });
    expect(assess([2])).toMatchObject({ inDomain: true, slicesBeyond: 0 });
  });

  it("refuses where the package says so, with the figures", () => {
    const refuse = { action: "refuse" } as const;
    expect(assess([1.5], refuse)).toMatchObject({ inDomain: true });
    expect(() => assess([7, 8, 1], refuse)).toThrow(
      expect.objectContaining({
        code: "out-of-domain",
        detail: "2 of 3 slices are beyond the threshold 2; their median is at 7",
      }),
    );
  });

  it("is unknown to a model that tells nothing apart", () => {
    expect(assessDomain({} as ModelPackage, [slice(1)])).toBeNull();
    expect(sliceDistance({} as ModelPackage, slice(1))).toEqual({});
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -1])("is no distance: %d", (value) => {
    expect(() => assess([value])).toThrow(expect.objectContaining({ code: "inference-failed" }));
  });

  it("gives each slice its distance, to four digits", () => {
    const manifest = { domain: RULE } as ModelPackage;
    expect(sliceDistance(manifest, slice(1.23456))).toEqual({ domainDistance: 1.2346 });
  });
});

import { describe, expect, it } from "vitest";
import { LATENCY_BOUNDS, latencyQuantile } from "../../src/history/latency.ts";

const counts = (...filled: (readonly [bucket: number, results: number])[]) => {
  const all = Array.from({ length: LATENCY_BOUNDS.length + 1 }, () => 0);
  for (const [bucket, results] of filled) all[bucket] = results;
  return all;
};

describe("the quantile of counted latencies", () => {
  it("is null without any", () => {
    expect(latencyQuantile(counts(), 0.5)).toBeNull();
    expect(latencyQuantile([], 0.99)).toBeNull();
  });

  it("lies within the bucket that holds it", () => {
    // Between 1 and 2 seconds ninety, between 8 and 16 ten.
    const found = counts([4, 90], [7, 10]);
    expect(latencyQuantile(found, 0.5)).toBeCloseTo(1.556, 3);
    expect(latencyQuantile(found, 0.9)).toBeCloseTo(2, 6);
    expect(latencyQuantile(found, 0.99)).toBeCloseTo(15.2, 6);
  });

  it("begins at zero and ends at the last bound", () => {
    expect(latencyQuantile(counts([0, 4]), 0.5)).toBeCloseTo(0.0625, 6);
    expect(latencyQuantile(counts([LATENCY_BOUNDS.length, 1]), 0.99)).toBe(131_072);
  });
});

import { kolmogorovSmirnov, populationStability, wilson } from "@axial/contracts";
import { describe, expect, it } from "vitest";

const normal = (centre: number, bins = 32) =>
  Array.from({ length: bins }, (_, bin) =>
    Math.round(1_000 * Math.exp(-((bin - centre) ** 2) / 18)),
  );

describe("drift of histograms", () => {
  it("is nothing for the same shape, however many there are", () => {
    const tenth = normal(12).map((count) => Math.round(count / 10));
    expect(populationStability(normal(12), normal(12))).toBeCloseTo(0, 3);
    expect(populationStability(normal(12), tenth)).toBeLessThan(0.02);
    expect(kolmogorovSmirnov(normal(12), tenth)).toBeLessThan(0.02);
  });

  it("grows with the shift", () => {
    const psi = [12, 13, 15, 20].map((centre) => populationStability(normal(12), normal(centre)));
    expect(psi.toSorted((a, b) => a - b)).toEqual(psi);
    expect(psi[1]).toBeLessThan(0.25);
    expect(psi[2]).toBeGreaterThan(0.25);
    const ks = [12, 13, 15, 20].map((centre) => kolmogorovSmirnov(normal(12), normal(centre)));
    expect(ks.toSorted((a, b) => a - b)).toEqual(ks);
    expect(ks[3]).toBeGreaterThan(0.8);
  });

  it("sees what leaves the one bin that a reference has, either way", () => {
    const only = (bin: number) => Array.from({ length: 32 }, (_, at) => (at === bin ? 150 : 0));
    for (const moved of [6, 7, 9, 20]) {
      expect(populationStability(only(8), only(moved))).toBeGreaterThan(1);
    }
    expect(populationStability(only(8), only(8))).toBeCloseTo(0, 5);
  });

  it("has a figure where a group is empty", () => {
    const left = [100, 0, 0, 0];
    const right = [0, 0, 0, 100];
    expect(populationStability([50, 50, 50, 50], left)).toBeGreaterThan(1);
    expect(Number.isFinite(populationStability(left, right))).toBe(true);
    expect(kolmogorovSmirnov(left, right)).toBe(1);
  });
});

describe("Wilson's interval", () => {
  it("is as published (Newcombe 1998, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29)", () => {
    const rounded = (successes: number, of: number) => {
      const share = wilson(successes, of);
      return [share?.lower, share?.upper].map((bound) => Number(bound?.toFixed(4)));
    };
    expect(rounded(81, 263)).toEqual([0.2553, 0.3662]);
    expect(rounded(15, 148)).toEqual([0.0624, 0.1605]);
    expect(rounded(0, 20)).toEqual([0, 0.1611]);
    expect(rounded(1, 29)).toEqual([0.0061, 0.1718]);
  });

  it("is null of nothing", () => {
    expect(wilson(0, 0)).toBeNull();
  });
});

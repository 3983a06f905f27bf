import { seededRandom } from "@axial/testkit";
import { describe, expect, it } from "vitest";
import { burstOf } from "../../src/autoscale/burst.ts";
import { DEPLOYED_RULES } from "../../src/autoscale/deployed-rules.ts";
import { compressed, readScalingRule } from "../../src/autoscale/scaling-rule.ts";

describe("a burst of traffic", () => {
  const jobs = burstOf({
    phases: [
      { seconds: 100, perSecond: 1 },
      { seconds: 100, perSecond: 10 },
    ],
    statShare: 0.2,
    backfill: { at: 50, studies: 7 },
    images: 16,
    random: seededRandom(3),
  });

  it("comes in its phases, in order, with its backfill at once", () => {
    const arrivals = jobs.map(({ arrivedAt }) => arrivedAt);
    expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
    const live = jobs.filter(({ lane }) => lane !== "backfill");
    expect(live.filter(({ arrivedAt }) => arrivedAt < 100).length).toBeLessThan(140);
    expect(live.filter(({ arrivedAt }) => arrivedAt >= 100).length).toBeGreaterThan(850);
    const old = jobs.filter(({ lane }) => lane === "backfill");
    expect(old.map(({ arrivedAt }) => arrivedAt)).toEqual(Array(7).fill(50));
  });

  it("has every lane, and the images that were asked for", () => {
    expect(new Set(jobs.map(({ lane }) => lane))).toEqual(new Set(["stat", "routine", "backfill"]));
    expect(new Set(jobs.map(({ images }) => images))).toEqual(new Set([16]));
  });
});

describe("a compressed rule", () => {
  it("does the same in half the time: seconds are halved, counts and shares are not", async () => {
    const [path] = DEPLOYED_RULES as [URL];
    const rule = await readScalingRule(path);
    const half = compressed(rule, 2);
    expect(half.targets[0]?.seconds).toBe((rule.targets[0]?.seconds ?? 0) / 2);
    expect(half.stabilizationSeconds).toBe(rule.stabilizationSeconds / 2);
    expect(half.upEverySeconds).toBe(rule.upEverySeconds / 2);
    expect([half.most, half.least, half.upPercent]).toEqual([
      rule.most,
      rule.least,
      rule.upPercent,
    ]);
  });
});

import { describe, expect, it } from "vitest";
import type { ScalingRule } from "../../src/autoscale/scaling-rule.ts";
import { readScalingRule } from "../../src/autoscale/scaling-rule.ts";
import { simulate } from "../../src/autoscale/simulate.ts";
import type { Job } from "../../src/autoscale/traffic.ts";

const DEVICE = { imagesPerSecond: 10, batchImages: 10, startSeconds: 100 };
const RULE: ScalingRule = {
  name: "pool",
  least: 1,
  most: 4,
  pollSeconds: 5,
  cooldownSeconds: 60,
  stabilizationSeconds: 60,
  targets: [
    { lane: "stat", seconds: 5 },
    { lane: "routine", seconds: 50 },
  ],
  upPercent: 100,
  upPods: 4,
  upEverySeconds: 15,
  downPercent: 100,
  downEverySeconds: 15,
};
const FIXED: ScalingRule = { ...RULE, most: 1 };

const job = (lane: Job["lane"], arrivedAt: number, images: number): Job => ({
  lane,
  arrivedAt,
  images,
  waiting: images,
  unfinished: images,
});

describe("the autoscaling simulation", () => {
  it("finishes every job, in the time that one device takes", () => {
    const jobs = [job("routine", 0, 100), job("routine", 0, 50)];
    const { latencies, busyHours, endedAt } = simulate(jobs, [FIXED], DEVICE);
    expect(latencies.routine).toEqual([10, 15]);
    expect(endedAt).toBe(15);
    expect(busyHours * 3_600).toBeCloseTo(15);
  });

  it("lets STAT wait for the batch on the device, and for no more", () => {
    const jobs = [job("routine", 0, 1_000), job("stat", 20.5, 5)];
    const { latencies } = simulate(jobs, [FIXED], DEVICE);
    expect(latencies.stat[0]).toBeCloseTo(0.5 + 1, 6);
  });

  it("brings workers for work that outlasts their start, and lets them go after it", () => {
    const work = () => [job("routine", 0, 20_000), job("routine", 20_000, 10)];
    const alone = simulate(work(), [FIXED], DEVICE);
    const scaled = simulate(work(), [RULE], DEVICE);
    expect(scaled.mostWorkers).toBe(4);
    expect(scaled.latencies.routine.at(-1)).toBeLessThan((alone.latencies.routine.at(-1) ?? 0) / 2);
    expect(scaled.deviceHours).toBeLessThan((4 * scaled.endedAt) / 3_600 / 2);
  });

  it("wakes a pool that had gone to sleep", () => {
    const asleep: ScalingRule = {
      ...RULE,
      least: 0,
      targets: [{ lane: "backfill", seconds: 600 }],
    };
    const { latencies, deviceHours } = simulate([job("backfill", 1_000, 10)], [asleep], DEVICE);
    expect(latencies.backfill[0]).toBeGreaterThan(DEVICE.startSeconds);
    expect(latencies.backfill[0]).toBeLessThan(DEVICE.startSeconds + 2 * RULE.pollSeconds + 1);
    expect(deviceHours * 3_600).toBeLessThan(1_000);
  });
});

describe("a scaling rule", () => {
  it("is read from the file that is deployed", async () => {
    const file = "../../../deploy/k8s/components/keda/worker-backfill.yaml";
    const rule = await readScalingRule(new URL(file, import.meta.url));
    expect(rule).toMatchObject({ name: "axial-worker-backfill", least: 0, downPercent: 25 });
    expect(rule.targets).toEqual([{ lane: "backfill", seconds: 600 }]);
  });
});

import { describe, expect, it } from "vitest";
import { SimulatedDevice } from "../../src/control/simulated-device.ts";

describe("a simulated device", () => {
  it("takes STAT before what else waits, one job at a time", async () => {
    const device = new SimulatedDevice(1_000);
    const done: string[] = [];
    const lanes = ["backfill", "backfill", "routine", "stat"] as const;
    await Promise.all(lanes.map((lane) => device.run(5, lane).then(() => done.push(lane))));
    expect(done).toEqual(["backfill", "stat", "routine", "backfill"]);
  });

  it("says how long the images were on it, not how long they waited", async () => {
    const device = new SimulatedDevice(1_000);
    expect(await Promise.all([device.run(10, "routine"), device.run(20, "routine")])).toEqual([
      10, 20,
    ]);
  });
});

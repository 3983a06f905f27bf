import type { Lane } from "@axial/contracts";
import { describe, expect, it } from "vitest";
import { inDeviceSeconds } from "../../src/scaling/device-seconds.ts";

const TIMES = [
  { model: "m", provider: "cpu", secondsPerImage: 0.02 },
  { model: "m", provider: "cuda", secondsPerImage: 0.001 },
];

function secondsOf(lane: Lane, model = "m"): number | undefined {
  const workers = [
    { lanes: ["stat"] as Lane[], models: ["m"], provider: "cuda" },
    { lanes: ["routine"] as Lane[], models: ["m"], provider: "cpu" },
    { lanes: ["routine"] as Lane[], models: ["m"], provider: "cuda" },
  ];
  const work = [{ lane, model, pending: 1, active: 0, images: 100 }];
  return inDeviceSeconds(work, TIMES, workers)[0]?.deviceSeconds;
}

describe("seconds of a worker", () => {
  it("are those of the providers that serve the lane", () => {
    expect(secondsOf("stat")).toBeCloseTo(0.1);
    expect(secondsOf("routine")).toBeCloseTo(1.05);
  });

  it("are the slowest known where no worker lives, and assumed for a model without results", () => {
    expect(secondsOf("backfill")).toBeCloseTo(2);
    expect(secondsOf("stat", "new")).toBeCloseTo(1);
  });
});

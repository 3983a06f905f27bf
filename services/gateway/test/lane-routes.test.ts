import { describe, expect, it } from "vitest";
import { laneRoutes } from "../src/dispatch/lane-routes.ts";

const windowOf = (capacity: Parameters<typeof laneRoutes>[0], from: string, to: string) =>
  laneRoutes(capacity).find(({ lane, dispatchedLane }) => lane === from && dispatchedLane === to)
    ?.window;

describe("lane routes", () => {
  it("give each lane a window of what its own workers hold", () => {
    const capacity = { stat: 100, routine: 100, backfill: 2_000 };
    expect(windowOf(capacity, "stat", "stat")).toBe(200);
    expect(windowOf(capacity, "backfill", "backfill")).toBe(4_000);
    expect(windowOf(capacity, "backfill", "routine")).toBe(50);
  });

  it("let a few tasks out for a lane without workers, so that one that comes finds some", () => {
    const capacity = { stat: 100, routine: 100, backfill: 0 };
    expect(windowOf(capacity, "backfill", "backfill")).toBe(16);
  });
});

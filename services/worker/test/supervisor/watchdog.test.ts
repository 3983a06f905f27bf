import { describe, expect, it } from "vitest";
import { type EngineVitals, hangReason } from "../../src/supervisor/watchdog.ts";

const LIMITS = { startMs: 1_000, silenceMs: 100, batchMs: 500, taskMs: 5_000 };
const SERVING: EngineVitals = {
  state: "serving",
  startedAt: 0,
  lastMessageAt: 0,
  batchesRunning: 0,
  batchesChangedAt: 0,
  oldestBegunAt: null,
};

describe("the watchdog", () => {
  it("gives a loading engine its time, silent or not", () => {
    const starting: EngineVitals = { ...SERVING, state: "starting" };
    expect(hangReason(starting, LIMITS, 900)).toBeNull();
    expect(hangReason(starting, LIMITS, 1_100)).toBe("it did not start");
  });

  it("finds silence, a batch that does not end and a task that does not end", () => {
    expect(hangReason(SERVING, LIMITS, 90)).toBeNull();
    expect(hangReason(SERVING, LIMITS, 110)).toContain("silent");
    const beating = { ...SERVING, lastMessageAt: 6_000 };
    expect(hangReason({ ...beating, batchesRunning: 1 }, LIMITS, 6_050)).toContain("batch");
    expect(hangReason({ ...beating, oldestBegunAt: 900 }, LIMITS, 6_050)).toContain("task");
    expect(hangReason(beating, LIMITS, 6_050)).toBeNull();
  });
});

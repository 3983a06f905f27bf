import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Duty } from "../../src/loops/duty.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("rests so long after work that it takes its share of the time", async () => {
  const duty = new Duty(0.05);
  const work = async () => {
    vi.advanceTimersByTime(100);
    return "done";
  };
  expect(await duty.run(work)).toBe("done");
  vi.advanceTimersByTime(1_999);
  expect(await duty.run(work)).toBeUndefined();
  vi.advanceTimersByTime(1);
  expect(await duty.run(work)).toBe("done");
});

it("rests after work that failed, too", async () => {
  const duty = new Duty(0.5);
  const fail = async () => {
    vi.advanceTimersByTime(10);
    throw new Error("away");
  };
  await expect(duty.run(fail)).rejects.toThrow("away");
  expect(await duty.run(fail)).toBeUndefined();
});

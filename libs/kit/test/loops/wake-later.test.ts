import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { wakeLater } from "../../src/loops/wake-later.ts";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it("wakes once for what comes together, and again for what comes later", () => {
  const wake = vi.fn();
  const result = wakeLater({ wake }, 25);
  result();
  result();
  vi.advanceTimersByTime(24);
  expect(wake).not.toHaveBeenCalled();
  result();
  vi.advanceTimersByTime(1);
  expect(wake).toHaveBeenCalledTimes(1);
  result();
  vi.advanceTimersByTime(25);
  expect(wake).toHaveBeenCalledTimes(2);
});

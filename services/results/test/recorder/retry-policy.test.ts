import { describe, expect, it } from "vitest";
import {
  BACKOFF_BASE_MS,
  BACKOFF_CEILING_MS,
  backoffMs,
  isFinal,
  MAX_ATTEMPTS,
} from "../../src/recorder/retry-policy.ts";

const attempt = { code: "inference-failed", failures: 1, wasAlone: false, crashed: false } as const;

describe("backoffMs", () => {
  it("doubles with each failure, up to the ceiling, and is never zero", () => {
    const longest = [1, 2, 3, 30].map((failures) => backoffMs(failures, () => 1));
    const full = [1, 2, 4].map((factor) => factor * BACKOFF_BASE_MS);
    expect(longest).toEqual([...full, BACKOFF_CEILING_MS]);
    expect(backoffMs(1, () => 0)).toBe(BACKOFF_BASE_MS / 2);
  });

  it("spreads what failed together", () => {
    const waits = [0.1, 0.5, 0.9].map((random) => backoffMs(3, () => random));
    expect(new Set(waits).size).toBe(3);
  });
});

describe("isFinal", () => {
  it("ends at once what no retry can mend", () => {
    expect(isFinal({ ...attempt, code: "golden-mismatch" })).toBe(true);
  });

  it("tries again what may pass, until enough attempts have failed", () => {
    expect(isFinal({ ...attempt, failures: MAX_ATTEMPTS - 1 })).toBe(false);
    expect(isFinal({ ...attempt, failures: MAX_ATTEMPTS })).toBe(true);
  });

  it("ends a task that takes an engine down alone, after it did so among others", () => {
    const crash = { ...attempt, code: "engine-crashed", crashed: true } as const;
    expect(isFinal(crash)).toBe(false);
    expect(isFinal({ ...crash, failures: 2, wasAlone: true })).toBe(true);
  });
});

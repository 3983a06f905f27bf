import { BACKOFF_BASE_MS, BACKOFF_CEILING_MS, backoffMs } from "@axial/kit";
import { describe, expect, it } from "vitest";
import { decideRetry, MAX_ATTEMPTS } from "../../src/recorder/retry-policy.ts";

const attempt = { code: "inference-failed", failures: 0, crashesAlone: 0, alone: false } as const;

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

describe("decideRetry", () => {
  it("ends at once what no retry can mend", () => {
    expect(decideRetry({ ...attempt, code: "golden-mismatch" }).final).toBe(true);
  });

  it("tries again what may pass, until enough attempts have failed", () => {
    const last = { ...attempt, failures: MAX_ATTEMPTS - 1 };
    expect(decideRetry({ ...last, failures: MAX_ATTEMPTS - 2 }).final).toBe(false);
    expect(decideRetry(last)).toEqual({ failures: MAX_ATTEMPTS, final: true });
  });

  it.each([
    "engine-crashed",
    "engine-hung",
    "storage-unavailable",
    "package-missing",
    "queue-lost",
    "withdrawn",
  ] as const)("does not count %s while the cause is unclear", (code) => {
    const shared = { ...attempt, code, failures: MAX_ATTEMPTS - 1 };
    expect(decideRetry(shared)).toEqual({ failures: MAX_ATTEMPTS - 1, final: false });
  });

  it("ends a task that takes a second engine down alone", () => {
    const crash = { ...attempt, code: "engine-crashed", alone: true } as const;
    expect(decideRetry({ ...crash, crashesAlone: 1 })).toEqual({ failures: 1, final: false });
    expect(decideRetry({ ...crash, failures: 1, crashesAlone: 2 }).final).toBe(true);
  });
});

import { ApiError } from "@axial/client";
import { describe, expect, it } from "vitest";
import { Patience } from "../../src/send/patience.ts";

/** An act that fails with each of `errors` in turn and then succeeds. */
function actOf(errors: readonly Error[]) {
  let tries = 0;
  const act = async () => {
    const error = errors[tries];
    tries += 1;
    if (error !== undefined) throw error;
    return tries;
  };
  return act;
}

describe("patience", () => {
  const said: string[] = [];
  const patience = (forMs: number) => {
    said.length = 0;
    return new Patience({
      forMs,
      onOutage: (reason) => said.push(reason),
      onRecovery: () => said.push("back"),
    });
  };
  const away = new ApiError(503, { title: "HTTP 503", detail: "<html>" }, 0);

  it("outlasts a proxy's page, a reset and a busy server, and says so once", async () => {
    const reset = new TypeError("fetch failed", { cause: new Error("read ECONNRESET") });
    const act = actOf([away, reset, new ApiError(429, { title: "slower" }, 0)]);
    expect(await patience(60_000).run(act)).toBe(4);
    expect(said).toEqual(["HTTP 503 — <html>", "back"]);
  });

  it("gives up at once on what will not pass, and in the end on what does not", async () => {
    const wrongKey = new ApiError(401, { title: "who are you" });
    await expect(patience(60_000).run(actOf([wrongKey]))).rejects.toBe(wrongKey);
    await expect(patience(-1).run(actOf([away, away]))).rejects.toBe(away);
  });

  it("tries an internal error a few times", async () => {
    const internal = new ApiError(500, { title: "internal" }, 0);
    expect(await patience(60_000).run(actOf([internal, internal]))).toBe(3);
    const always = actOf([internal, internal, internal, internal, internal]);
    await expect(patience(60_000).run(always)).rejects.toBe(internal);
  });

  describe("by a clock", () => {
    const pauses: number[] = [];
    const clocked = (forMs: number) => {
      let now = 0;
      pauses.length = 0;
      const pause = async (ms: number) => {
        pauses.push(ms);
        now += ms;
      };
      return new Patience({
        ...{ forMs, onOutage: () => {}, onRecovery: () => {} },
        clock: { now: () => now, pause },
      });
    };
    const saying = (retryAfterMs?: number) =>
      new ApiError(503, { title: "not now" }, retryAfterMs ?? null);

    it("waits as long as the server says, whatever it would have waited itself", async () => {
      await clocked(600_000).run(actOf([saying(120_000), saying(2_000)]));
      const [first = 0, second = 0] = pauses;
      expect(first).toBeGreaterThanOrEqual(120_000);
      expect(first).toBeLessThan(121_000);
      // A second wait of its own would be shorter than a second.
      expect(second).toBeGreaterThanOrEqual(2_000);
      expect(second).toBeLessThan(3_000);
    });

    it("waits ever longer where the server does not say, half a minute at most", async () => {
      await clocked(3_600_000).run(actOf(Array.from({ length: 12 }, () => saying())));
      for (const [tries, ms] of pauses.entries()) {
        const longest = Math.min(250 * 2 ** tries, 30_000);
        expect(ms).toBeGreaterThanOrEqual(longest / 2);
        expect(ms).toBeLessThanOrEqual(longest);
      }
    });

    it("gives up once the server has been away for as long as it was told", async () => {
      const away = Array.from({ length: 100 }, () => saying(60_000));
      await expect(clocked(600_000).run(actOf(away))).rejects.toThrow("not now");
      expect(pauses).toHaveLength(10);
    });
  });
});

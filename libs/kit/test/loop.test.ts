import { PassThrough } from "node:stream";
import { createLogger, startLoop } from "@axial/kit";
import { eventually } from "@axial/testkit";
import { describe, expect, it } from "vitest";

const logger = createLogger({ service: "test", destination: new PassThrough() });
const NEVER_MS = 1_000_000;

describe("startLoop", () => {
  it("goes on at once while there is more to do, then rests until woken", async () => {
    let passes = 0;
    const loop = startLoop({
      name: "test",
      logger,
      idleMs: NEVER_MS,
      pass: async () => ++passes < 3,
    });
    await eventually("three passes", () => passes === 3);
    loop.wake();
    await eventually("one more", () => passes === 4);
    await loop.close();
    expect(passes).toBe(4);
  });

  it("does not lose a wake-up that comes during a pass", async () => {
    let passes = 0;
    const loop = startLoop({
      name: "test",
      logger,
      idleMs: NEVER_MS,
      pass: async () => {
        passes += 1;
        if (passes === 1) loop.wake();
        return false;
      },
    });
    await eventually("second pass", () => passes === 2);
    await loop.close();
  });

  it("survives a failing pass", async () => {
    let passes = 0;
    const loop = startLoop({
      name: "test",
      logger,
      idleMs: NEVER_MS,
      pass: async () => {
        passes += 1;
        if (passes === 1) throw new Error("down");
        return false;
      },
    });
    await eventually("second pass", () => passes === 2);
    await loop.close();
  });

  it("waits for the running pass when closing", async () => {
    const { promise: gate, resolve: open } = Promise.withResolvers<void>();
    let ended = false;
    const loop = startLoop({
      name: "test",
      logger,
      idleMs: NEVER_MS,
      pass: async () => {
        await gate;
        ended = true;
        return true;
      },
    });
    const closed = loop.close();
    open();
    await closed;
    expect(ended).toBe(true);
  });
});

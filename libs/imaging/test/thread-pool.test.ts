import { greyPattern, patternElements, writePart10 } from "@axial/dicom/fixtures";
import { afterEach, describe, expect, test } from "vitest";
import { type FramePool, openFramePool, sharedBytes, ThreadPool } from "../src/index.ts";
import type { Order } from "./misbehaving-thread.ts";

const elements = patternElements({ bits: 12, samples: 1, photometric: "MONOCHROME2" });

const source = (bytes: Uint8Array) => ({
  key: String(Math.random()),
  tenant: "a",
  bytes: sharedBytes(bytes),
});
const good = () => source(writePart10({ elements: { ...elements, PixelData: greyPattern(12) } }));

/** Little to send, long to decode: 64 megapixels of one run after another. */
function slow() {
  const side = 8_192;
  const run = Buffer.from([129, 7]);
  const segment = Buffer.alloc(((side * side) / 128) * 2, run);
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  const size = { Rows: side, Columns: side, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
  const PixelData = { fragments: [Buffer.concat([header, segment])] };
  return source(
    writePart10({
      transferSyntax: "1.2.840.10008.1.2.5",
      elements: { ...elements, ...size, PixelData },
    }),
  );
}

let pool: FramePool | undefined;
afterEach(() => pool?.close());

describe("threads that can be killed", { timeout: 60_000 }, () => {
  test("work that takes too long costs its thread, not the next piece", async () => {
    const open = openFramePool({ threads: 1, timeoutMs: 250 });
    pool = open;
    await expect(open.render(slow(), 0, { format: "png" })).rejects.toMatchObject({
      code: "decode-timeout",
    });
    const again = () =>
      open.uncompressed(good(), 0).then(
        ({ photometric }) => photometric,
        () => null,
      );
    await expect.poll(again, { timeout: 30_000 }).toBe("MONOCHROME2");
  });

  test("is bounded, and closes with what waits", async () => {
    pool = openFramePool({ threads: 1, timeoutMs: 20_000, maxWaitingEach: 1 });
    const running = pool.render(slow(), 0, { format: "png" });
    const waiting = pool.uncompressed(good(), 0);
    await expect(pool.uncompressed(good(), 0)).rejects.toMatchObject({ code: "too-busy" });
    const outcomes = Promise.allSettled([running, waiting]);
    await pool.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "shutting-down" } });
    }
    await expect(pool.uncompressed(good(), 0)).rejects.toMatchObject({ code: "shutting-down" });
  });
});

const MISBEHAVING = new URL("misbehaving-thread.ts", import.meta.url);
/** The step at which it misbehaves. */
const BAD_STEP = 3;

describe("a thread that holds several commands", { timeout: 60_000 }, () => {
  test.each([
    ["hang", "decode-timeout"],
    ["die", "undecodable"],
  ] as const)("loses only the one that made it %s", async (order, code) => {
    const threads = new ThreadPool<Order, Order>(MISBEHAVING, {
      threads: 1,
      timeoutMs: 1_500,
      perThread: 3,
    });
    const [first, bad, next] = await Promise.allSettled([
      threads.run("answer"),
      threads.run(order),
      threads.run("answer"),
    ]);
    expect(first).toMatchObject({ status: "fulfilled", value: "answer" });
    expect(bad).toMatchObject({ status: "rejected", reason: { code, step: BAD_STEP } });
    expect(next).toMatchObject({ status: "fulfilled", value: "answer" });
    await threads.close();
  });

  test("that never starts is no fault of the command", async () => {
    const broken = new URL("data:text/javascript,throw new Error('broken')");
    const threads = new ThreadPool(broken, { threads: 1, timeoutMs: 1_500 });
    await expect(threads.run("answer")).rejects.toMatchObject({ code: "internal" });
    await threads.close();
  });
});

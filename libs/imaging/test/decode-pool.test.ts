import type { ModelInput, Preprocessing } from "@axial/contracts";
import {
  COMPRESSED_FRAMES,
  compressedFile,
  greyPattern,
  patternElements,
  writePart10,
} from "@axial/dicom/fixtures";
import { afterEach, describe, expect, test } from "vitest";
import { type DecodePool, openDecodePool, prepareSample, sampleBytes } from "../src/index.ts";

const preprocessing: Preprocessing = {
  intensity: { kind: "percentiles", low: 1, high: 99 },
  invertMonochrome1: true,
  resize: { policy: "letterbox", filter: "triangle" },
  channels: "grey",
};
const input: ModelInput = {
  name: "image",
  dtype: "uint8",
  layout: "NCHW",
  channels: 1,
  height: 16,
  width: 16,
};
const SAMPLE = sampleBytes(input);

function requestOf(bytes: Uint8Array) {
  return { bytes, kind: "dicom", frame: 0, preprocessing, input } as const;
}

const elements = patternElements({ bits: 12, samples: 1, photometric: "MONOCHROME2" });
const good = () => writePart10({ elements: { ...elements, PixelData: greyPattern(12) } });

/** Little to send, seconds to decode: 64 megapixels of one run after another. */
function slow(): Buffer {
  const side = 8_192;
  const run = Buffer.from([129, 7]);
  const segment = Buffer.alloc(((side * side) / 128) * 2, run);
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  const size = { Rows: side, Columns: side, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
  const PixelData = { fragments: [Buffer.concat([header, segment])] };
  return writePart10({
    transferSyntax: "1.2.840.10008.1.2.5",
    elements: { ...elements, ...size, PixelData },
  });
}

let pool: DecodePool | null = null;
afterEach(() => pool?.close());

describe("openDecodePool", { timeout: 60_000 }, () => {
  test("writes what prepareSample writes, each sample at its place", async () => {
    pool = openDecodePool({ threads: 2, timeoutMs: 20_000 });
    const files = [good(), ...COMPRESSED_FRAMES.map(compressedFile)];
    const buffer = new SharedArrayBuffer(SAMPLE * files.length);
    const shapes = await Promise.all(
      files.map((bytes, i) =>
        pool?.prepare(requestOf(bytes), { buffer, offset: i * SAMPLE }, { give: true }),
      ),
    );
    expect(shapes).toEqual(files.map(() => ({ rows: 24, columns: 32 })));
    for (const [i, bytes] of [good(), ...COMPRESSED_FRAMES.map(compressedFile)].entries()) {
      const alone = new Uint8Array(SAMPLE);
      await prepareSample(requestOf(bytes), alone);
      expect(new Uint8Array(buffer, i * SAMPLE, SAMPLE)).toEqual(alone);
    }
    expect(pool.pending).toBe(0);
  });

  test("refuses bad input by its code and goes on", async () => {
    pool = openDecodePool({ threads: 1, timeoutMs: 20_000 });
    const target = { buffer: new SharedArrayBuffer(SAMPLE), offset: 0 };
    const code = (bytes: Uint8Array) =>
      pool?.prepare(requestOf(bytes), target).catch((error) => error.code);
    expect(await code(Buffer.from("nothing"))).toBe("not-dicom");
    expect(await code(writePart10({ elements }))).toBe("no-pixel-data");
    expect(await code(good())).toEqual({ rows: 24, columns: 32 });
  });

  test("a sample that takes too long costs its thread, not the next sample", async () => {
    const open = openDecodePool({ threads: 1, timeoutMs: 100 });
    pool = open;
    const target = { buffer: new SharedArrayBuffer(SAMPLE), offset: 0 };
    await expect(open.prepare(requestOf(slow()), target)).rejects.toMatchObject({
      code: "decode-timeout",
    });
    const again = () => open.prepare(requestOf(good()), target).catch(() => null);
    await expect.poll(again, { timeout: 30_000 }).toEqual({ rows: 24, columns: 32 });
  });

  test("is bounded, and closes with what waits", async () => {
    pool = openDecodePool({ threads: 1, timeoutMs: 20_000, maxWaiting: 1 });
    const target = { buffer: new SharedArrayBuffer(SAMPLE), offset: 0 };
    const running = pool.prepare(requestOf(slow()), target);
    const waiting = pool.prepare(requestOf(good()), target);
    const refused = pool.prepare(requestOf(good()), target);
    await expect(refused).rejects.toMatchObject({ code: "too-busy" });
    const outcomes = Promise.allSettled([running, waiting]);
    await pool.close();
    for (const outcome of await outcomes) {
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "shutting-down" } });
    }
    await expect(pool.prepare(requestOf(good()), target)).rejects.toMatchObject({
      code: "shutting-down",
    });
  });

  test("refuses a target that is too small", async () => {
    pool = openDecodePool({ threads: 1, timeoutMs: 1_000 });
    const target = { buffer: new SharedArrayBuffer(SAMPLE - 1), offset: 0 };
    await expect(pool.prepare(requestOf(good()), target)).rejects.toThrow(RangeError);
  });
});

import { describe, expect, it, test } from "vitest";
import { COMPRESSED_FRAMES, compressedFile } from "../fixtures/index.ts";
import { resolutionLevels } from "../src/codecs/jpeg-2000-header.ts";
import { halvings, sizeAt } from "../src/codecs/resolution-level.ts";
import { decodeFrame } from "../src/decode-frame.ts";
import { readInstance } from "../src/read-instance.ts";

/** JPEG 2000 and its high-throughput kin. */
const FRAMES = COMPRESSED_FRAMES.filter(({ name }) => /^(jpeg-2000|htj2k)/.test(name));

const meanOf = (data: ArrayLike<number>) =>
  Array.from(data).reduce((sum, value) => sum + value, 0) / data.length;

describe("a frame at a lower resolution", () => {
  test.each(FRAMES)("$name has half the size, and its brightness", async (frame) => {
    const instance = readInstance(compressedFile(frame));
    const whole = await decodeFrame(instance, 0);
    const half = sizeAt(whole, 1);
    const levels = resolutionLevels(frame.bytes, 1);
    const small = await decodeFrame(instance, 0, { least: half });
    const expected = levels > 0 ? half : { rows: whole.rows, columns: whole.columns };
    expect({ rows: small.rows, columns: small.columns }).toEqual(expected);
    expect(small.data).toHaveLength(expected.rows * expected.columns * small.samples);
    expect(Math.abs(meanOf(small.data) - meanOf(whole.data))).toBeLessThan(0.05 * 2 ** frame.bits);
  });

  test.each(FRAMES)("$name that would be too small is decoded as it is", async (frame) => {
    const instance = readInstance(compressedFile(frame));
    const whole = await decodeFrame(instance, 0);
    const { rows, columns } = sizeAt(whole, 1);
    const least = { rows: rows + 1, columns };
    expect((await decodeFrame(instance, 0, { least })).data).toEqual(whole.data);
  });

  it("is halved as often as it has levels, and not below what is needed", () => {
    const slice = { rows: 512, columns: 512 };
    const least = { rows: 224, columns: 224 };
    expect(halvings(slice, least, 5)).toBe(1);
    expect(halvings(slice, { rows: 32, columns: 32 }, 5)).toBe(4);
    expect(halvings(slice, { rows: 32, columns: 32 }, 2)).toBe(2);
    expect(halvings({ rows: 512, columns: 256 }, least, 5)).toBe(0);
    expect(sizeAt({ rows: 5, columns: 4 }, 1)).toEqual({ rows: 3, columns: 2 });
  });
});

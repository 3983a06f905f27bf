import { describe, expect, it } from "vitest";
import { batchSizes, paddedTo } from "../../../src/engine/device/batch-sizes.ts";

describe("batch sizes of a device", () => {
  it("are powers of two and the largest", () => {
    expect(batchSizes(1)).toEqual([1]);
    expect(batchSizes(8)).toEqual([1, 2, 4, 8]);
    expect(batchSizes(20)).toEqual([1, 2, 4, 8, 16, 20]);
  });

  it("hold every batch, at most twice as large", () => {
    const sizes = batchSizes(20);
    for (let images = 1; images <= 20; images++) {
      expect(paddedTo(sizes, images)).toBeGreaterThanOrEqual(images);
      expect(paddedTo(sizes, images)).toBeLessThan(2 * images + 1);
    }
  });

  it("leave a batch as it is where there are none", () => {
    expect(paddedTo([], 7)).toBe(7);
  });
});

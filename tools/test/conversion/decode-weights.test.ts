import { describe, expect, it } from "vitest";
import { placeWindow } from "../../src/conversion/network/window.ts";
import { decodeWeights, halfFloats } from "../../src/conversion/tfjs/decode-weights.ts";

describe("weights", () => {
  it("are widened from what they are stored as", () => {
    const data = Buffer.concat([
      Buffer.from(Float32Array.of(1.5, -2).buffer),
      Uint8Array.of(0, 255),
      Buffer.from(Uint16Array.of(65_535).buffer),
      Buffer.from(Uint16Array.of(0x3c00).buffer),
      Buffer.from(Int32Array.of(-7).buffer),
    ]);
    const stored = (dtype: "uint8" | "uint16" | "float16", scale = 1, min = 0) => ({
      quantization: { dtype, scale, min },
    });
    const weights = decodeWeights(
      [
        { name: "plain", shape: [2], dtype: "float32" },
        { name: "bytes", shape: [2], dtype: "float32", ...stored("uint8", 0.5, -10) },
        { name: "words", shape: [1], dtype: "float32", ...stored("uint16", 2 ** -16, 1) },
        { name: "half", shape: [], dtype: "float32", ...stored("float16") },
        { name: "integers", shape: [1], dtype: "int32" },
      ],
      data,
    );
    const values = [...weights.values()].map((weight) => [...weight.values]);
    expect(values).toEqual([
      [1.5, -2],
      [-10, 117.5],
      [Math.fround(1 + 65_535 / 65_536)],
      [1],
      [-7],
    ]);
  });

  it("of half precision: normal, subnormal, infinite, negative", () => {
    const bits = Uint16Array.of(0x3555, 0x0001, 0x7c00, 0xc000, 0x8000);
    const [third, least, ...others] = halfFloats(new Uint8Array(bits.buffer));
    expect(third).toBeCloseTo(1 / 3, 3);
    expect(least).toBe(2 ** -24);
    expect(others).toEqual([Number.POSITIVE_INFINITY, -2, -0]);
  });
});

describe("a window", () => {
  it.each([
    // length, window, stride, dilation, padding: results, zeros before and after
    [7, 3, 2, 1, "same", 4, 1, 1],
    [8, 3, 2, 1, "same", 4, 0, 1],
    [8, 3, 2, 1, "valid", 3, 0, 0],
    [5, 1, 2, 1, "same", 3, 0, 0],
    [9, 3, 1, 2, "same", 9, 2, 2],
    [2, 5, 1, 1, "same", 2, 2, 2],
  ] as const)("on %i by %i, stride %i", (length, size, stride, dilation, padding, ...expected) => {
    const { pads, output } = placeWindow([length, length], {
      size: [size, size],
      strides: [stride, stride],
      dilations: [dilation, dilation],
      padding,
    });
    expect([output[0], pads[0], pads[2]]).toEqual(expected);
  });
});

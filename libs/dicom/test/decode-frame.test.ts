import { describe, expect, test } from "vitest";
import { type DataSetElements, patternElements, writePart10 } from "../fixtures/index.ts";
import { decodeFrame, decodeSamples } from "../src/decode-frame.ts";
import { readInstance } from "../src/read-instance.ts";

const BIG_ENDIAN = "1.2.840.10008.1.2.2";

function image(elements: DataSetElements, transferSyntax?: string) {
  const grey = patternElements({ bits: 16, samples: 1, photometric: "MONOCHROME2" });
  const all = { ...grey, Rows: 2, Columns: 2, ...elements };
  return readInstance(
    writePart10({ elements: all, ...(transferSyntax ? { transferSyntax } : {}) }),
  );
}

const colour = { SamplesPerPixel: 3, BitsAllocated: 8, BitsStored: 8, HighBit: 7 };

async function values(elements: DataSetElements, transferSyntax?: string, frame = 0) {
  return Array.from((await decodeFrame(image(elements, transferSyntax), frame)).data);
}

describe("stored values", () => {
  test("unsigned and signed 16 bits, either byte order", async () => {
    const PixelData = Uint16Array.of(0, 1, 0x7fff, 0xffff);
    expect(await values({ PixelData })).toEqual([0, 1, 0x7fff, 0xffff]);
    expect(await values({ PixelData }, BIG_ENDIAN)).toEqual([0, 1, 0x7fff, 0xffff]);
    expect(await values({ PixelData, PixelRepresentation: 1 })).toEqual([0, 1, 0x7fff, -1]);
  });

  test("overlay bits above BitsStored are masked off, the sign is extended", async () => {
    const PixelData = Uint16Array.of(0xf001, 0x0800, 0x8fff, 0x07ff);
    const bits = { BitsStored: 12, HighBit: 11, PixelData };
    expect(await values(bits)).toEqual([1, 0x800, 0xfff, 0x7ff]);
    expect(await values({ ...bits, PixelRepresentation: 1 })).toEqual([1, -2048, -1, 2047]);
  });

  test("a high bit that is not BitsStored − 1", async () => {
    const PixelData = Uint16Array.of(0x0010, 0xfff0, 0x8005, 0x7ff0);
    const bits = { BitsStored: 12, HighBit: 15, PixelData };
    expect(await values(bits)).toEqual([1, 0xfff, 0x800, 0x7ff]);
  });

  test("8, 32 and packed 1 and 12 bits", async () => {
    const eight = { BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
    expect(await values({ ...eight, PixelData: Uint8Array.of(1, 2, 3, 255) })).toEqual([
      1, 2, 3, 255,
    ]);
    const wide = { BitsAllocated: 32, BitsStored: 32, HighBit: 31 };
    const big = Uint32Array.of(1, 70_000, 0xffff_ffff, 0);
    expect(await values({ ...wide, PixelData: { vr: "OW", value: big } })).toEqual([...big]);
    const twelve = { BitsAllocated: 12, BitsStored: 12, HighBit: 11 };
    const packed = Uint8Array.of(0x23, 0x61, 0x45, 0xff, 0x0f, 0x80);
    expect(await values({ ...twelve, PixelData: packed })).toEqual([0x123, 0x456, 0xfff, 0x800]);
    const one = { BitsAllocated: 1, BitsStored: 1, HighBit: 0, NumberOfFrames: 2 };
    const bits = { ...one, PixelData: Uint8Array.of(0b1010_0110) };
    expect(await values(bits)).toEqual([0, 1, 1, 0]);
    expect(await values(bits, undefined, 1)).toEqual([0, 1, 0, 1]);
  });

  test("float and double pixel data", async () => {
    const none = { BitsStored: 32, BitsAllocated: 32 };
    const FloatPixelData = { vr: "OF", value: Float32Array.of(0.5, -1, 2, 3) };
    expect(await values({ ...none, FloatPixelData })).toEqual([0.5, -1, 2, 3]);
    const DoubleFloatPixelData = { vr: "OD", value: Float64Array.of(0.1, -1, 2, 3) };
    expect(await values({ DoubleFloatPixelData })).toEqual([0.1, -1, 2, 3]);
  });

  test("frames of an uncompressed multi-frame image", async () => {
    const PixelData = Uint16Array.from({ length: 12 }, (_, i) => i);
    expect(await values({ NumberOfFrames: 3, PixelData }, undefined, 2)).toEqual([8, 9, 10, 11]);
    await expect(decodeFrame(image({ NumberOfFrames: 3, PixelData }), 3)).rejects.toMatchObject({
      code: "truncated-pixel-data",
    });
  });

  test("big-endian bytes in words", async () => {
    const eight = { BitsAllocated: 8, BitsStored: 8, HighBit: 7 };
    const PixelData = { vr: "OW", value: Uint8Array.of(2, 1, 4, 3) };
    expect(await values({ ...eight, PixelData }, BIG_ENDIAN)).toEqual([1, 2, 3, 4]);
  });
});

describe("colour", () => {
  const pixels = [255, 0, 0, 0, 255, 0, 0, 0, 255, 10, 20, 30];

  test("RGB interleaved and by plane", async () => {
    const rgb = { ...colour, PhotometricInterpretation: "RGB" };
    const together = { ...rgb, PlanarConfiguration: 0, PixelData: Uint8Array.from(pixels) };
    expect(await values(together)).toEqual(pixels);
    const planes = [0, 1, 2].flatMap((sample) => pixels.filter((_, i) => i % 3 === sample));
    const planar = { ...rgb, PlanarConfiguration: 1, PixelData: Uint8Array.from(planes) };
    expect(await values(planar)).toEqual(pixels);
  });

  test("YBR_FULL and YBR_FULL_422", async () => {
    const full = { ...colour, PhotometricInterpretation: "YBR_FULL", PlanarConfiguration: 0 };
    const PixelData = Uint8Array.of(76, 85, 255, 150, 44, 21, 29, 255, 107, 128, 128, 128);
    const rgb = await values({ ...full, PixelData });
    [254, 0, 0, 0, 255, 1, 0, 0, 254, 128, 128, 128].forEach((value, i) => {
      expect(Math.abs((rgb[i] ?? 0) - value)).toBeLessThanOrEqual(2);
    });
    const half = { ...full, PhotometricInterpretation: "YBR_FULL_422" };
    const grey = Uint8Array.of(10, 20, 128, 128, 30, 40, 128, 128);
    expect(await values({ ...half, PixelData: grey })).toEqual([
      10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40,
    ]);
  });

  test("PALETTE COLOR with a plain and a segmented table", async () => {
    const table = { vr: "OW", value: Uint16Array.of(0, 0x4000, 0x8000, 0xff00) };
    const frame = await values({
      PhotometricInterpretation: "PALETTE COLOR",
      BitsAllocated: 8,
      BitsStored: 8,
      HighBit: 7,
      RedPaletteColorLookupTableDescriptor: [4, 0, 16],
      GreenPaletteColorLookupTableDescriptor: [4, 0, 16],
      BluePaletteColorLookupTableDescriptor: [4, 0, 16],
      RedPaletteColorLookupTableData: table,
      GreenPaletteColorLookupTableData: table,
      SegmentedBluePaletteColorLookupTableData: Uint16Array.of(0, 1, 0, 1, 3, 0xff00),
      PixelData: Uint8Array.of(0, 1, 2, 200),
    });
    expect(frame).toEqual([0, 0, 0, 64, 64, 85, 128, 128, 170, 255, 255, 255]);
  });
});

describe("what goes with a frame", () => {
  const PixelData = new Uint16Array(4);

  test("rescale, windows, padding and proportions", async () => {
    const frame = await decodeFrame(
      image({
        PixelData,
        RescaleSlope: 2,
        RescaleIntercept: -1024,
        WindowCenter: [40, 600],
        WindowWidth: [400, 1500],
        VOILUTFunction: "SIGMOID",
        PixelPaddingValue: 10,
        PixelPaddingRangeLimit: 20,
        PixelSpacing: [1, 0.5],
      }),
      0,
    );
    expect(frame.modality).toEqual({ kind: "linear", slope: 2, intercept: -1024 });
    expect(frame.voi).toEqual([
      { kind: "window", center: 40, width: 400, shape: "SIGMOID" },
      { kind: "window", center: 600, width: 1500, shape: "SIGMOID" },
    ]);
    expect(frame.padding).toEqual({ low: 10, high: 20 });
    expect(frame.pixelAspect).toBe(2);
  });

  test("look-up tables", async () => {
    const LUTData = Uint16Array.of(5, 6, 7);
    const frame = await decodeFrame(
      image({
        PixelData,
        ModalityLUTSequence: [{ LUTDescriptor: [3, 1, 16], LUTData }],
        VOILUTSequence: [{ LUTDescriptor: [3, 0, 12], LUTData }],
      }),
      0,
    );
    expect(frame.modality).toEqual({ kind: "lut", table: { first: 1, bits: 16, values: LUTData } });
    expect(frame.voi).toEqual([{ kind: "lut", table: { first: 0, bits: 12, values: LUTData } }]);
  });

  test("functional groups of an enhanced image", async () => {
    const group = (center: number) => ({
      FrameVOILUTSequence: [{ WindowCenter: center, WindowWidth: 100 }],
    });
    const enhanced = image({
      PixelData: new Uint16Array(8),
      NumberOfFrames: 2,
      SharedFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ PixelSpacing: [3, 1] }] }],
      PerFrameFunctionalGroupsSequence: [group(10), group(20)],
    });
    const frame = await decodeFrame(enhanced, 1);
    expect(frame.voi).toEqual([{ kind: "window", center: 20, width: 100, shape: "LINEAR" }]);
    expect(frame.pixelAspect).toBe(3);
  });
});

describe("refusals", () => {
  test.each([
    ["no-pixel-data", {}],
    ["truncated-pixel-data", { PixelData: new Uint16Array(3) }],
    ["limit-exceeded", { Rows: 65_535, Columns: 65_535, PixelData: new Uint16Array(4) }],
    ["unsupported-pixel-format", { Rows: 0, PixelData: new Uint16Array(4) }],
    ["unsupported-pixel-format", { BitsStored: 17, PixelData: new Uint16Array(4) }],
    ["unsupported-pixel-format", { SamplesPerPixel: 4, PixelData: new Uint16Array(16) }],
    [
      "unsupported-pixel-format",
      { PhotometricInterpretation: "HSV", PixelData: new Uint16Array(4) },
    ],
  ])("%s: %o", async (code, elements) => {
    await expect(decodeFrame(image(elements), 0)).rejects.toMatchObject({ code });
  });

  test("retired and unknown transfer syntaxes", async () => {
    const PixelData = { fragments: [Buffer.alloc(64)] };
    for (const syntax of ["1.2.840.10008.1.2.4.55", "1.2.840.10008.1.2.4.102", "1.2.3.4"]) {
      await expect(decodeSamples(image({ PixelData }, syntax), 0)).rejects.toMatchObject({
        code: "unsupported-transfer-syntax",
      });
    }
  });
});

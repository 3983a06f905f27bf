import { type Part10, writePart10 } from "@axial/dicom/fixtures";
import sharp from "sharp";
import { afterAll, describe, expect, test } from "vitest";
import { openFramePool, type RenderOptions, sharedBytes } from "../src/index.ts";

const pool = openFramePool({ threads: 1, timeoutMs: 10_000 });
afterAll(() => pool.close());

const values = Uint16Array.from({ length: 6 }, (_, index) => index * 100);

function file(elements: Part10["elements"] = {}) {
  const bytes = writePart10({
    elements: {
      SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
      SOPInstanceUID: "1.2.3",
      Rows: 2,
      Columns: 3,
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      PixelData: values,
      ...elements,
    },
  });
  return { key: String(Math.random()), tenant: "a", bytes: sharedBytes(bytes) };
}

async function levels(source: ReturnType<typeof file>, options: Partial<RenderOptions> = {}) {
  const image = await pool.render(source, 0, { format: "png", ...options });
  const { data, info } = await sharp(image).greyscale().raw().toBuffer({ resolveWithObject: true });
  return { levels: [...data], width: info.width, height: info.height };
}

describe("rendering", () => {
  test("without a window spans the frame's own range", async () => {
    expect(await levels(file())).toEqual({
      levels: [0, 51, 102, 153, 204, 255],
      width: 3,
      height: 2,
    });
  });

  test("MONOCHROME1 is turned round", async () => {
    const source = file({ PhotometricInterpretation: "MONOCHROME1" });
    expect((await levels(source)).levels).toEqual([255, 204, 153, 102, 51, 0]);
  });

  test("a window that is asked for comes before the file's", async () => {
    const source = file({ WindowCenter: "5000", WindowWidth: "10" });
    expect((await levels(source)).levels).toEqual([0, 0, 0, 0, 0, 0]);
    const window = { kind: "window", center: 250, width: 2, shape: "LINEAR_EXACT" } as const;
    expect((await levels(source, { window })).levels).toEqual([0, 0, 0, 255, 255, 255]);
  });

  test("pixels are made square, and a region is cut out of them", async () => {
    const tall = file({ PixelSpacing: ["2", "1"] });
    expect(await levels(tall)).toMatchObject({ width: 3, height: 4 });
    const region = { left: 1, top: 0, width: -2, height: 2 };
    const viewport = { width: 2, height: 2, region };
    expect((await levels(file(), { viewport })).levels).toEqual([102, 51, 255, 204]);
  });

  test("a region outside of the image is refused", async () => {
    const region = { left: 2, top: 0, width: 2, height: 2 };
    const rendering = pool.render(file(), 0, {
      format: "png",
      viewport: { width: 2, height: 2, region },
    });
    await expect(rendering).rejects.toMatchObject({ code: "invalid-request" });
  });
});

test("frames come uncompressed, and the file stays whole", async () => {
  const source = file();
  const { bytes, photometric } = await pool.uncompressed(source, 0);
  expect(Buffer.from(bytes).equals(Buffer.from(values.buffer))).toBe(true);
  expect(photometric).toBe("MONOCHROME2");
  expect((await pool.uncompressed(source, 0)).bytes).toHaveLength(12);
});

test("what is wrong with the input is said", async () => {
  const source = file({ PixelData: values.subarray(0, 2) });
  await expect(pool.uncompressed(source, 0)).rejects.toMatchObject({
    code: "truncated-pixel-data",
  });
  const nothing = { key: "nothing", tenant: "a", bytes: sharedBytes(Buffer.from("nothing")) };
  await expect(pool.render(nothing, 0, { format: "png" })).rejects.toMatchObject({
    code: "not-dicom",
  });
});

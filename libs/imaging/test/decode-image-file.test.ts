import sharp from "sharp";
import { describe, expect, test } from "vitest";
import { decodeImageFile } from "../src/index.ts";

const grey = Uint8Array.from({ length: 12 }, (_, i) => i * 20);
const raw = { raw: { width: 4, height: 3, channels: 1 } } as const;

describe("decodeImageFile", () => {
  test("grey PNG of 8 and 16 bits", async () => {
    const eight = await sharp(grey, raw).toColourspace("b-w").png().toBuffer();
    const frame = await decodeImageFile(eight);
    expect(frame).toMatchObject({ rows: 3, columns: 4, samples: 1, bitsStored: 8 });
    expect([...frame.data]).toEqual([...grey]);
    const values = Uint16Array.from({ length: 12 }, (_, i) => i * 5000);
    const sixteen = await sharp(values, raw).toColourspace("grey16").png().toBuffer();
    const deep = await decodeImageFile(sixteen);
    expect(deep.bitsStored).toBe(16);
    expect([...deep.data]).toEqual([...values]);
  });

  test("colour with transparency becomes RGB", async () => {
    const pixels = Uint8Array.from({ length: 48 }, (_, i) => (i % 4 === 3 ? 255 : i));
    const png = await sharp(pixels, { raw: { width: 4, height: 3, channels: 4 } })
      .png()
      .toBuffer();
    const frame = await decodeImageFile(png);
    expect(frame).toMatchObject({ samples: 3, photometric: "RGB" });
    expect([...frame.data].slice(0, 6)).toEqual([0, 1, 2, 4, 5, 6]);
  });

  test("a JPEG is turned upright", async () => {
    const jpeg = await sharp(grey, raw).jpeg().withMetadata({ orientation: 6 }).toBuffer();
    expect(await decodeImageFile(jpeg)).toMatchObject({ rows: 4, columns: 3 });
  });

  test("a file that is not an image, or of another format, is refused", async () => {
    await expect(decodeImageFile(Buffer.from("no image"))).rejects.toMatchObject({
      code: "undecodable",
    });
    const others = {
      WebP: await sharp(grey, raw).webp().toBuffer(),
      GIF: await sharp(grey, raw).gif().toBuffer(),
      TIFF: await sharp(grey, raw).tiff().toBuffer(),
      BMP: Buffer.concat([Buffer.from("BM"), Buffer.alloc(60)]),
    };
    for (const [format, bytes] of Object.entries(others)) {
      await expect(decodeImageFile(bytes)).rejects.toMatchObject({
        code: "unsupported-pixel-format",
        detail: `a ${format} file; PNG and JPEG are read`,
      });
    }
  });

  test("a picture beyond the limit of pixels is refused before it is decoded", async () => {
    const huge = { width: 16_000, height: 16_000, channels: 3, background: "black" } as const;
    const png = await sharp({ create: huge, limitInputPixels: false }).png().toBuffer();
    await expect(decodeImageFile(png)).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});

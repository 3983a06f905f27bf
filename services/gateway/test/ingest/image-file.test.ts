import { describe, expect, test } from "vitest";
import { imageFacts, imageKind } from "../../src/ingest/image-file.ts";

function png(columns: number, rows: number): Buffer {
  const bytes = Buffer.alloc(33);
  Buffer.from("89504e470d0a1a0a0000000d49484452", "hex").copy(bytes);
  bytes.writeUInt32BE(columns, 16);
  bytes.writeUInt32BE(rows, 20);
  return bytes;
}

/** SOI, an APP0 segment, fill bytes, then a frame header of the given marker. */
function jpeg(columns: number, rows: number, marker = 0xc2): Buffer {
  const start = Buffer.from("ffd8ffe000060000000affff", "hex");
  const frame = Buffer.from([marker, 0x00, 0x0b, 8, 0, 0, 0, 0, 1, 1, 0x11, 0]);
  frame.writeUInt16BE(rows, 4);
  frame.writeUInt16BE(columns, 6);
  return Buffer.concat([start, frame]);
}

describe("size from the header", () => {
  test("PNG", () => {
    const bytes = png(640, 480);
    expect(imageKind(bytes)).toBe("png");
    expect(imageFacts(bytes, "png")).toMatchObject({ columns: 640, rows: 480, frames: 1 });
  });

  test("JPEG, behind other segments and fill bytes", () => {
    const bytes = jpeg(640, 480);
    expect(imageKind(bytes)).toBe("jpeg");
    expect(imageFacts(bytes, "jpeg")).toMatchObject({ columns: 640, rows: 480 });
  });
});

describe("refused before anything is stored", () => {
  test.each([
    ["a claim of 4 gigapixels", png(65_536, 65_536), "png", "limit-exceeded"],
    ["no rows", png(10, 0), "png", "undecodable"],
    ["a PNG cut in its header", png(10, 10).subarray(0, 20), "png", "undecodable"],
    ["a JPEG without a frame header", jpeg(10, 10, 0xda), "jpeg", "undecodable"],
    ["a JPEG cut in a segment", jpeg(10, 10).subarray(0, 8), "jpeg", "undecodable"],
  ] as const)("%s", (_name, bytes, kind, code) => {
    expect(() => imageFacts(bytes, kind)).toThrow(expect.objectContaining({ code }));
  });

  test("other formats are not images", () => {
    for (const text of ["GIF89a", "BM", "", "%PDF"])
      expect(imageKind(Buffer.from(text))).toBeNull();
  });
});

import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import {
  COMPRESSED_FRAMES,
  type CompressedFrame,
  colourPattern,
  compressedFile,
  type Encapsulated,
  greyPattern,
  PATTERN_COLUMNS,
  patternElements,
  writePart10,
} from "../fixtures/index.ts";
import { decodeFrame, decodeSamples } from "../src/decode-frame.ts";
import { readInstance } from "../src/read-instance.ts";

/** Of the range: what lossy frames of this noisy pattern may be off by, at the worst pixel. */
const LOSSY_TOLERANCE = 0.2;

function pattern({ samples, bits }: CompressedFrame): ArrayLike<number> {
  return samples === 3 ? colourPattern() : greyPattern(bits);
}

function frameNamed(name: string): CompressedFrame {
  const found = COMPRESSED_FRAMES.find((frame) => frame.name === name);
  if (!found) throw new Error(name);
  return found;
}

function fileWith(frame: CompressedFrame, pixelData: Encapsulated, more = {}): Buffer {
  const elements = { ...patternElements(frame), ...more, PixelData: pixelData };
  return writePart10({ transferSyntax: frame.transferSyntax, elements });
}

describe("compressed frames", () => {
  test.each(COMPRESSED_FRAMES)("$name", async (frame) => {
    const { data } = await decodeFrame(readInstance(compressedFile(frame)), 0);
    const expected = pattern(frame);
    const worst = Math.max(...Array.from(data, (value, i) => Math.abs(value - (expected[i] ?? 0))));
    expect(data.length).toBe(expected.length);
    expect(worst).toBeLessThanOrEqual(frame.lossless ? 0 : LOSSY_TOLERANCE * 2 ** frame.bits);
  });

  test.each(COMPRESSED_FRAMES)(
    "$name cut short or damaged is refused or decoded",
    async (frame) => {
      const { bytes } = frame;
      for (const end of [0, 1, 16, bytes.length >> 1, bytes.length - 3]) {
        const cut = readInstance(fileWith(frame, { fragments: [bytes.subarray(0, end)] }));
        const outcome = await decodeSamples(cut, 0).catch((error) => error.code);
        expect(
          ["truncated-pixel-data", "undecodable"].includes(outcome) || outcome.data,
        ).toBeTruthy();
      }
    },
  );

  test.each(COMPRESSED_FRAMES)("$name whose size is not the data set's", async (frame) => {
    const fragments = [frame.bytes];
    const other = readInstance(fileWith(frame, { fragments }, { Columns: PATTERN_COLUMNS * 2 }));
    await expect(decodeSamples(other, 0)).rejects.toMatchObject({
      code: expect.stringMatching(/^(undecodable|truncated-pixel-data)$/),
    });
  });

  test("deflated image frames", async () => {
    const cells = greyPattern(12);
    const bytes = deflateRawSync(new Uint8Array(cells.buffer));
    const frame = { ...frameNamed("rle"), transferSyntax: "1.2.840.10008.1.2.8.1" };
    const instance = readInstance(fileWith(frame, { fragments: [bytes] }));
    expect((await decodeFrame(instance, 0)).data).toEqual(cells);
    const bomb = deflateRawSync(Buffer.alloc(1_000_000));
    const hostile = readInstance(fileWith(frame, { fragments: [bomb] }));
    await expect(decodeFrame(hostile, 0)).rejects.toMatchObject({ code: "undecodable" });
  });
});

/** What made the WASM decoders search for seconds or without end before it was looked at first. */
describe("damage that must not reach a decoder", () => {
  const htj2k = frameNamed("htj2k");
  const startOfTile = htj2k.bytes.indexOf(Buffer.of(0xff, 0x90));

  test.each([
    ["CAP is gone", 45, [0xff ^ 0x73]],
    ["subsampled components", 44, [3]],
    ["a tile that is not there", startOfTile + 4, [0, 2]],
    ["a tile-part beyond the stream", startOfTile + 6, [0xff, 0xff, 0xff, 0xff]],
  ])("HTJ2K: %s", async (_, at, values) => {
    const bytes = Buffer.from(htj2k.bytes);
    bytes.set(values, at);
    const instance = readInstance(fileWith(htj2k, { fragments: [bytes] }));
    await expect(decodeSamples(instance, 0)).rejects.toMatchObject({ code: "undecodable" });
  });

  test.each(["jpeg-xl-12", "jpeg-xl-16"])("%s that claims another size", async (name) => {
    const jpegXl = frameNamed(name);
    const bytes = Buffer.from(jpegXl.bytes);
    const size = bytes.indexOf(Buffer.of(0xff, 0x0a), name === "jpeg-xl-16" ? 16 : 0) + 2;
    bytes.set([0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], size);
    const instance = readInstance(fileWith(jpegXl, { fragments: [bytes] }));
    await expect(decodeSamples(instance, 0)).rejects.toMatchObject({
      code: "undecodable",
      detail: expect.stringMatching(/^the codestream is \d{9,} by \d{9,}/),
    });
  });

  test("JPEG-LS that just stops", async () => {
    const jpegLs = frameNamed("jpeg-ls");
    const fragments = [jpegLs.bytes.subarray(0, jpegLs.bytes.length - 200)];
    const instance = readInstance(fileWith(jpegLs, { fragments }));
    await expect(decodeSamples(instance, 0)).rejects.toMatchObject({ code: "undecodable" });
  });
});

describe("fragments", () => {
  const rle = frameNamed("rle");
  const jpeg = frameNamed("jpeg-lossless");
  const { bytes } = rle;
  const expected = greyPattern(12);
  const two = { NumberOfFrames: 2 };
  /** RLE of black: one run after another. */
  const black = blackRle();

  test("one frame for each fragment without an offset table", async () => {
    const instance = readInstance(fileWith(rle, { fragments: [black, bytes] }, two));
    expect((await decodeFrame(instance, 1)).data).toEqual(expected);
  });

  test("a basic offset table, frames over several fragments", async () => {
    const [head, tail] = [jpeg.bytes.subarray(0, 100), jpeg.bytes.subarray(100)];
    const fragments = [jpeg.bytes, head, tail];
    const offsets = [0, jpeg.bytes.length + (jpeg.bytes.length % 2) + 8];
    const instance = readInstance(fileWith(jpeg, { fragments, offsets }, two));
    expect((await decodeFrame(instance, 1)).data).toEqual(expected);
  });

  test("frames over several fragments without a table, told apart by their first marker", async () => {
    const [head, tail] = [jpeg.bytes.subarray(0, 100), jpeg.bytes.subarray(100)];
    const instance = readInstance(fileWith(jpeg, { fragments: [head, tail, head, tail] }, two));
    expect((await decodeFrame(instance, 1)).data).toEqual(expected);
  });

  test("an extended offset table", async () => {
    const offsets = BigUint64Array.of(0n, BigInt(black.length + 8));
    const lengths = BigUint64Array.of(BigInt(black.length), BigInt(bytes.length));
    const tables = {
      ExtendedOffsetTable: { vr: "OV", value: offsets },
      ExtendedOffsetTableLengths: { vr: "OV", value: lengths },
    };
    const instance = readInstance(
      fileWith(rle, { fragments: [black, bytes] }, { ...two, ...tables }),
    );
    expect((await decodeFrame(instance, 1)).data).toEqual(expected);
  });

  test("offset tables that lie lead to a refusal or to the right frame", async () => {
    for (const offsets of [
      [0, 0xffff_fff0],
      [7, 9],
      [0xffff_ffff, 0],
      [0, 0],
    ]) {
      const instance = readInstance(fileWith(rle, { fragments: [black, bytes], offsets }, two));
      const outcome = await decodeFrame(instance, 1).catch((error) => error.code);
      expect(
        ["undecodable", "truncated-pixel-data"].includes(outcome) || outcome.data,
      ).toBeTruthy();
    }
  });

  test("no fragments", async () => {
    const instance = readInstance(fileWith(rle, { fragments: [] }));
    await expect(decodeFrame(instance, 0)).rejects.toMatchObject({ code: "truncated-pixel-data" });
  });
});

function blackRle(): Buffer {
  const header = Buffer.alloc(64);
  const segment = Buffer.alloc(12);
  for (let i = 0; i < 6; i += 1) segment.writeUInt8(129, i * 2);
  header.writeUInt32LE(2, 0);
  header.writeUInt32LE(64, 4);
  header.writeUInt32LE(64 + segment.length, 8);
  return Buffer.concat([header, segment, segment]);
}

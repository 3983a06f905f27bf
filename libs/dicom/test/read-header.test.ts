import { constants, deflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { writePart10 } from "../fixtures/index.ts";
import {
  MAX_INFLATED_HEADER_BYTES,
  MAX_QUICK_ELEMENTS,
  MAX_QUICK_HEADER_BYTES,
  MAX_WHOLLY_INFLATED_BYTES,
  readHeader,
  readInstance,
  readQuickly,
  Tag,
} from "../src/index.ts";

const DEFLATED = "1.2.840.10008.1.2.1.99";
const IDENTIFIED = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.7",
  SOPInstanceUID: "1.2.3",
  StudyInstanceUID: "1.2.4",
  SeriesInstanceUID: "1.2.5",
};
const small = { ...IDENTIFIED, PixelData: new Uint16Array(100) };

/** A deflated file whose last element says that `bytes` follow, which are zeros. */
function inflatingTo(bytes: number, last: object): Buffer {
  const file = writePart10({ elements: { ...IDENTIFIED, ...last } });
  const header = Buffer.from(file.subarray(dataSetStart(file)));
  header.writeUInt32LE(bytes, header.length - 4);
  const empty = writePart10({ elements: IDENTIFIED, transferSyntax: DEFLATED });
  return Buffer.concat([
    empty.subarray(0, dataSetStart(empty)),
    deflateRawSync(header, { finishFlush: constants.Z_FULL_FLUSH }),
    deflateRawSync(Buffer.alloc(bytes)),
  ]);
}

const dataSetStart = (file: Buffer) => 144 + file.readUInt32LE(140);

describe("reading quickly", () => {
  it("reads an ordinary file as it would be read otherwise", () => {
    const file = writePart10({ elements: small });
    expect(readQuickly(file)?.dataset.elements).toEqual(readInstance(file).dataset.elements);
  });

  it("inflates nothing", () => {
    expect(readQuickly(writePart10({ elements: small, transferSyntax: DEFLATED }))).toBeNull();
  });

  it("reads so many elements and fragments, and no more", () => {
    const items = (count: number) =>
      writePart10({
        elements: { ...small, "00400275": Array.from({ length: count }, () => ({})) },
      });
    expect(readQuickly(items(MAX_QUICK_ELEMENTS - 20))).not.toBeNull();
    expect(readQuickly(items(MAX_QUICK_ELEMENTS))).toBeNull();
    const fragments = Array.from({ length: 4 * MAX_QUICK_ELEMENTS + 1 }, () => Buffer.alloc(2));
    const encapsulated = writePart10({
      elements: { ...IDENTIFIED, PixelData: { fragments } },
      transferSyntax: "1.2.840.10008.1.2.5",
    });
    expect(readQuickly(encapsulated)).toBeNull();
    expect(readInstance(encapsulated).truncated).toBe(false);
  });

  it("reads pixels of any size, and a header of this one", () => {
    const text = (bytes: number) => ({ vr: "UT", value: "x".repeat(bytes) });
    const pixels = new Uint8Array(2 * MAX_QUICK_HEADER_BYTES);
    const file = (bytes: number) =>
      writePart10({ elements: { ...IDENTIFIED, "00080119": text(bytes), PixelData: pixels } });
    expect(readQuickly(file(1_000))).not.toBeNull();
    expect(readQuickly(file(MAX_QUICK_HEADER_BYTES))).toBeNull();
  });
});

describe("reading a header", () => {
  it("inflates a small data set whole", async () => {
    const file = writePart10({ elements: small, transferSyntax: DEFLATED });
    const read = await readHeader(file);
    expect(read.truncated).toBe(false);
    expect(read.dataset.elements).toEqual(readInstance(file).dataset.elements);
  });

  it("says that a small one was cut", async () => {
    const cut = inflatingTo(1_000, { PixelData: new Uint16Array() });
    expect((await readHeader(cut.subarray(0, cut.length - 8))).truncated).toBe(true);
  });

  it("inflates no more of a large one than leads to its pixels", async () => {
    const bomb = inflatingTo(200_000_000, { PixelData: new Uint16Array() });
    expect(bomb.length).toBeLessThan(300_000);
    const read = await readHeader(bomb);
    expect(read.dataset.has(Tag.PixelData)).toBe(true);
    expect(read.truncated).toBe(false);
    expect(read.dataset.bytes.length).toBeLessThan(1.1 * MAX_WHOLLY_INFLATED_BYTES);
  });

  it("gives up where no pixels begin", async () => {
    const bytes = 2 * MAX_INFLATED_HEADER_BYTES;
    const bomb = inflatingTo(bytes, { "00420011": { vr: "OB", value: new Uint8Array() } });
    await expect(readHeader(bomb)).rejects.toMatchObject({ code: "limit-exceeded" });
  });

  it("names what does not inflate", async () => {
    const file = writePart10({ elements: small, transferSyntax: DEFLATED });
    file.fill(0xff, dataSetStart(file));
    await expect(readHeader(file)).rejects.toMatchObject({ code: "malformed-dicom" });
  });
});

import { deflateRawSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { writePart10 } from "../fixtures/index.ts";
import { MAX_ELEMENTS, MAX_INFLATED_BYTES, MAX_SEQUENCE_DEPTH } from "../src/limits.ts";
import { readInstance } from "../src/read-instance.ts";
import { Tag } from "../src/tags.ts";
import { EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN } from "../src/transfer-syntax.ts";

const DEFLATED = "1.2.840.10008.1.2.1.99";
const UNCOMPRESSED = [
  IMPLICIT_LITTLE_ENDIAN,
  EXPLICIT_LITTLE_ENDIAN,
  "1.2.840.10008.1.2.2",
  DEFLATED,
];
const elements = {
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "2.25.3",
  PatientName: "Phantom^One",
  AnatomicRegionSequence: [{ CodeMeaning: "Brain" }, { CodeMeaning: "Knee" }],
  Rows: 2,
  PixelData: new Uint16Array(4),
};

describe("readInstance", () => {
  test.each(
    UNCOMPRESSED.flatMap((transferSyntax) =>
      [false, true].map((openSequences) => ({ transferSyntax, openSequences })),
    ),
  )("reads $transferSyntax, open sequences $openSequences", (form) => {
    const { dataset, syntax, truncated } = readInstance(writePart10({ ...form, elements }));
    expect(syntax.uid).toBe(form.transferSyntax);
    expect(truncated).toBe(false);
    expect(dataset.string(Tag.SopInstanceUid)).toBe("2.25.3");
    expect(dataset.int(Tag.Rows)).toBe(2);
    const regions = dataset.items(Tag.AnatomicRegionSequence);
    expect(regions.map((item) => item.string(Tag.CodeMeaning))).toEqual(["Brain", "Knee"]);
    expect(dataset.value(Tag.PixelData)?.length).toBe(8);
  });

  test("copies no value", () => {
    const bytes = writePart10({ elements });
    const value = readInstance(bytes).dataset.value(Tag.PixelData);
    expect(value?.buffer).toBe(bytes.buffer);
  });

  test("reads a prefix up to the pixel data", () => {
    const bytes = writePart10({ elements });
    const prefix = readInstance(bytes.subarray(0, bytes.length - 5), { untilPixelData: true });
    expect(prefix.truncated).toBe(false);
    expect(prefix.dataset.has(Tag.PixelData)).toBe(true);
    expect(readInstance(bytes.subarray(0, bytes.length - 5)).truncated).toBe(true);
  });

  test("reads files without preamble and files without file meta information", () => {
    const bytes = writePart10({ elements });
    expect(readInstance(bytes.subarray(132)).dataset.int(Tag.Rows)).toBe(2);
    const metaLength = 12 + bytes.readUInt32LE(132 + 8);
    const bare = readInstance(bytes.subarray(132 + metaLength));
    expect(bare.syntax.uid).toBe(EXPLICIT_LITTLE_ENDIAN);
    expect(bare.dataset.int(Tag.Rows)).toBe(2);
  });

  test("reads a data set that is encoded otherwise than its transfer syntax says", () => {
    const lying = writePart10({
      transferSyntax: IMPLICIT_LITTLE_ENDIAN,
      elements,
      meta: { TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN },
    });
    expect(readInstance(lying).dataset.int(Tag.Rows)).toBe(2);
  });

  test("understands public elements that were written as UN", () => {
    const rows = { "00280010": { vr: "UN", value: Uint8Array.of(7, 0) } };
    expect(readInstance(writePart10({ elements: rows })).dataset.int(Tag.Rows)).toBe(7);
  });

  test("ignores zeros after the data set", () => {
    const padded = Buffer.concat([writePart10({ elements }), Buffer.alloc(512)]);
    expect(readInstance(padded)).toMatchObject({ truncated: false });
  });

  test.each([
    ["nothing", Buffer.alloc(0)],
    ["zeros", Buffer.alloc(4096)],
    ["text", Buffer.from("this is a report, not an image ".repeat(20))],
    ["PNG", Buffer.from("89504e470d0a1a0a0000000d49484452", "hex")],
  ])("refuses %s", (_, bytes) => {
    expect(() => readInstance(bytes)).toThrowError(expect.objectContaining({ code: "not-dicom" }));
  });

  test("decodes texts of several character sets", () => {
    const japanese = {
      SpecificCharacterSet: ["", "ISO 2022 IR 87"],
      "00100010": {
        vr: "PN",
        value: Buffer.from("Yamada^Tarou=\u001b$B;3ED\u001b(B^\u001b$BB@O:\u001b(B", "latin1"),
      },
    };
    const { dataset } = readInstance(writePart10({ elements: japanese }));
    expect(dataset.text(0x0010_0010)).toBe("Yamada^Tarou=山田^太郎");
  });
});

describe("limits of readInstance", () => {
  const exceeded = expect.objectContaining({ code: "limit-exceeded" });

  test("nesting", () => {
    const nested = (depth: number): object =>
      depth === 0 ? { CodeValue: "1" } : { AnatomicRegionSequence: [nested(depth - 1)] };
    const file = (depth: number) =>
      writePart10({ elements: nested(depth) as never, openSequences: true });
    expect(() => readInstance(file(MAX_SEQUENCE_DEPTH))).not.toThrow();
    expect(() => readInstance(file(MAX_SEQUENCE_DEPTH + 1))).toThrowError(exceeded);
  });

  test("number of elements", () => {
    const head = writePart10({ transferSyntax: IMPLICIT_LITTLE_ENDIAN, elements: {} });
    const body = Buffer.alloc((MAX_ELEMENTS + 2) * 8);
    for (let at = 0; at < body.length; at += 8) body.writeUInt32LE(0x0010_0009, at);
    expect(() => readInstance(Buffer.concat([head, body]))).toThrowError(exceeded);
  });

  test("a deflate bomb", () => {
    const head = writePart10({ transferSyntax: DEFLATED, elements: {} });
    const meta = head.subarray(0, 132 + 12 + head.readUInt32LE(132 + 8));
    const bomb = deflateRawSync(Buffer.alloc(MAX_INFLATED_BYTES + 1), { level: 1 });
    expect(() => readInstance(Buffer.concat([meta, bomb]))).toThrowError(exceeded);
  });

  test("a value longer than the bytes is cut and marks the instance", () => {
    const bytes = writePart10({ elements });
    bytes.writeUInt32LE(0xffff_fff0, bytes.length - 12);
    const { dataset, truncated } = readInstance(bytes);
    expect(truncated).toBe(true);
    expect(dataset.value(Tag.PixelData)?.length).toBe(8);
  });
});

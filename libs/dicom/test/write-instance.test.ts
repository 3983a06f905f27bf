import { deflateRawSync } from "node:zlib";
import { AxialError, OWN_IMPLEMENTATION_CLASS_UID } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { type DataSetElements, type Part10, writePart10 } from "../fixtures/index.ts";
import {
  type DicomInstance,
  readInstance,
  Tag,
  toDicomJson,
  uncompressedFrame,
  writeInstance,
} from "../src/index.ts";

const RLE = "1.2.840.10008.1.2.5";
const IMPLICIT = "1.2.840.10008.1.2";
const BIG_ENDIAN = "1.2.840.10008.1.2.2";
const DEFLATED = "1.2.840.10008.1.2.1.99";
const samples = Uint16Array.from({ length: 12 }, (_, index) => index * 300);

const elements: DataSetElements = {
  SpecificCharacterSet: "ISO_IR 100",
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.4",
  SOPInstanceUID: "1.2.3",
  PatientName: { vr: "PN", value: Buffer.from("Jérôme^Test", "latin1") },
  ImageType: ["ORIGINAL", "PRIMARY"],
  ReferencedImageSequence: [
    { ReferencedSOPInstanceUID: "1.2.4", PurposeOfReferenceCodeSequence: [{ CodeValue: "1" }] },
    {},
  ],
  Rows: 3,
  Columns: 4,
  SamplesPerPixel: 1,
  PhotometricInterpretation: "MONOCHROME2",
  BitsAllocated: 16,
  BitsStored: 16,
  HighBit: 15,
  PixelRepresentation: 0,
  PixelData: samples,
};

async function rewritten(file: Part10): Promise<{ before: DicomInstance; after: DicomInstance }> {
  const before = readInstance(writePart10(file));
  const pieces: Buffer[] = [];
  const frames = (frame: number) => uncompressedFrame(before, frame);
  for await (const piece of writeInstance(before, frames)) pieces.push(piece);
  return { before, after: readInstance(Buffer.concat(pieces)) };
}

const json = (instance: DicomInstance) => toDicomJson(instance, { bulkDataUri: (path) => path });

/** One frame of bytes in RLE: a single segment of one literal run. */
function rleBytes(bytes: Uint8Array): Buffer {
  const header = Buffer.alloc(64);
  header.writeUInt32LE(1, 0);
  header.writeUInt32LE(64, 4);
  return Buffer.concat([header, Buffer.of(bytes.length - 1), bytes]);
}

describe("an instance in Explicit VR Little Endian", () => {
  test.each([
    ["explicit", "1.2.840.10008.1.2.1", false],
    ["implicit", IMPLICIT, false],
    ["big endian", BIG_ENDIAN, false],
    ["deflated", DEFLATED, false],
    ["with open sequences", IMPLICIT, true],
  ])("from %s says the same", async (_name, transferSyntax, openSequences) => {
    const { before, after } = await rewritten({ transferSyntax, elements, openSequences });
    expect(after.syntax.uid).toBe("1.2.840.10008.1.2.1");
    expect(after.truncated).toBe(false);
    expect(json(after)).toEqual(json(before));
    expect(after.dataset.value(Tag.PixelData)?.equals(Buffer.from(samples.buffer))).toBe(true);
    expect(after.dataset.text(0x0010_0010)).toBe("Jérôme^Test");
  });

  test("decompressed, its pixel module says so", async () => {
    const colour = Uint8Array.from({ length: 3 * 4 * 3 }, (_, index) => index);
    const frames = [colour, colour.map((value) => 255 - value)].map((frame) => {
      const planes = [0, 1, 2].map((plane) => frame.filter((_, index) => index % 3 === plane));
      const runs = planes.map((plane) => Buffer.from([plane.length - 1, ...plane, 0x80]));
      const header = Buffer.alloc(64);
      header.writeUInt32LE(3, 0);
      runs.forEach((_, index) => {
        header.writeUInt32LE(64 + index * 14, 4 + index * 4);
      });
      return Buffer.concat([header, ...runs]);
    });
    const { after } = await rewritten({
      transferSyntax: RLE,
      elements: {
        ...elements,
        SamplesPerPixel: 3,
        PhotometricInterpretation: "RGB",
        PlanarConfiguration: 1,
        BitsAllocated: 8,
        BitsStored: 8,
        HighBit: 7,
        NumberOfFrames: "2",
        ExtendedOffsetTable: new Uint8Array(16),
        PixelData: { fragments: frames },
      },
    });
    expect(after.dataset.int(Tag.PlanarConfiguration)).toBe(0);
    expect(after.dataset.elements.get(Tag.PixelData)?.vr).toBe("OB");
    expect(after.dataset.has(Tag.ExtendedOffsetTable)).toBe(false);
    const pixels = after.dataset.value(Tag.PixelData);
    expect([...(pixels ?? [])].slice(0, 36)).toEqual([...colour]);
    expect(pixels).toHaveLength(72);
  });

  test("an odd number of bytes is padded", async () => {
    const grey = { BitsAllocated: 8, BitsStored: 8, HighBit: 7, Rows: 1, Columns: 5 };
    const PixelData = { fragments: [rleBytes(Uint8Array.of(1, 2, 3, 4, 5))] };
    const { after } = await rewritten({
      transferSyntax: RLE,
      elements: { ...elements, ...grey, PixelData },
    });
    expect([...(after.dataset.value(Tag.PixelData) ?? [])]).toEqual([1, 2, 3, 4, 5, 0]);
  });

  test("frames of single bits are joined", async () => {
    const bits = { BitsAllocated: 1, BitsStored: 1, HighBit: 0, Rows: 1, Columns: 5 };
    const frames = [0b10110, 0b00001, 0b11111].map((cells) => deflateRawSync(Buffer.of(cells)));
    const { before, after } = await rewritten({
      transferSyntax: "1.2.840.10008.1.2.8.1",
      elements: { ...elements, ...bits, NumberOfFrames: "3", PixelData: { fragments: frames } },
    });
    expect([...(after.dataset.value(Tag.PixelData) ?? [])]).toEqual([0b00110110, 0b01111100]);
    for (const frame of [0, 1, 2]) {
      expect(await uncompressedFrame(after, frame)).toEqual(await uncompressedFrame(before, frame));
    }
  });

  test("values next to signed pixels keep their sign", async () => {
    const { after } = await rewritten({
      transferSyntax: IMPLICIT,
      elements: { ...elements, PixelRepresentation: 1, PixelPaddingValue: -2000 },
    });
    expect(after.dataset.elements.get(Tag.PixelPaddingValue)?.vr).toBe("SS");
    expect(after.dataset.int(Tag.PixelPaddingValue)).toBe(-2000);
  });

  test("a text too long for its VR becomes UN", async () => {
    const { after } = await rewritten({
      transferSyntax: IMPLICIT,
      elements: { ...elements, StudyComments: "x".repeat(70_000) },
    });
    const element = after.dataset.elements.get(0x0032_4000);
    const start = (element?.offset ?? 0) - 8;
    expect(after.dataset.bytes.toString("latin1", start, start + 2)).toBe("UN");
    expect(element?.length).toBe(70_000);
  });

  test("is not marked as Axial's own work", async () => {
    const { after } = await rewritten({ transferSyntax: RLE, elements: withoutPixels() });
    expect(after.meta.string(Tag.ImplementationClassUid)).not.toBe(OWN_IMPLEMENTATION_CLASS_UID);
    expect(after.meta.string(Tag.MediaStorageSopInstanceUid)).toBe("1.2.3");
  });

  test("nothing is written of what cannot be decoded", async () => {
    const file = writePart10({
      transferSyntax: RLE,
      elements: { ...elements, PixelData: { fragments: [Buffer.alloc(70, 1)] } },
    });
    const broken = readInstance(file);
    const writer = writeInstance(broken, (frame) => uncompressedFrame(broken, frame));
    await expect(writer.next()).rejects.toBeInstanceOf(AxialError);
  });
});

function withoutPixels(): DataSetElements {
  const { PixelData: _pixels, ...rest } = elements;
  return rest;
}

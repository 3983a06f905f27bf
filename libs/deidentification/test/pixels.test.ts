import { decodeFrame, readInstance } from "@axial/dicom";
import { type DataSetElements, encodeRle, writePart10 } from "@axial/dicom/fixtures";
import { describe, expect, test } from "vitest";
import { Deidentifier, MAX_DECOMPRESSED_BYTES, type PixelRule } from "../src/index.ts";

const RULE: PixelRule = {
  name: "the banner of scanner X",
  when: { Modality: "US", ManufacturerModelName: "scanner x", Rows: "4" },
  blank: [{ x: 1, y: 0, width: 9, height: 2 }],
};

const image = (more: DataSetElements): DataSetElements => ({
  SOPClassUID: "1.2.840.10008.5.1.4.1.1.6.1",
  SOPInstanceUID: "1.2.3.4",
  StudyInstanceUID: "1.2.3",
  SeriesInstanceUID: "1.2.3.1",
  Modality: "US",
  ManufacturerModelName: "Scanner X-7",
  Rows: 4,
  Columns: 4,
  SamplesPerPixel: 1,
  BitsAllocated: 8,
  BitsStored: 8,
  HighBit: 7,
  PixelRepresentation: 0,
  PhotometricInterpretation: "MONOCHROME2",
  ...more,
});
const GREY = { PixelData: { vr: "OB", value: Buffer.alloc(16, 9) } } as const;

const run = (
  elements: DataSetElements,
  pixelRules: readonly PixelRule[],
  transferSyntax?: string,
) =>
  new Deidentifier({ key: Buffer.alloc(32), dates: "modified", pixelRules }).deidentify(
    readInstance(
      writePart10({ elements, ...(transferSyntax === undefined ? {} : { transferSyntax }) }),
    ),
  );
const cells = async (file: Buffer) => [...(await decodeFrame(readInstance(file), 0)).data];

const BLANKED = [9, 0, 0, 0, 9, 0, 0, 0, 9, 9, 9, 9, 9, 9, 9, 9];

describe("burned-in text", () => {
  test("is blanked where a rule says so, within the image", async () => {
    const file = await run(image(GREY), [RULE]);
    expect(await cells(file)).toEqual(BLANKED);
    expect(readInstance(file).dataset.string(0x0028_0301)).toBe("NO");
  });

  test("is blanked in compressed frames, which are decompressed for it", async () => {
    const PixelData = { fragments: [encodeRle(Buffer.alloc(16, 9), 1)] };
    const rle = "1.2.840.10008.1.2.5";
    const file = await run(image({ PixelData }), [RULE], rle);
    expect(await cells(file)).toEqual(BLANKED);
    const untouched = await run(image({ PixelData, Modality: "MR" }), [RULE], rle);
    expect(readInstance(untouched).syntax.uid).toBe(rle);
    expect(await cells(untouched)).toEqual(Array(16).fill(9));
  });

  test("is not decompressed beyond a limit, which a small file can claim", async () => {
    const PixelData = { fragments: [encodeRle(Buffer.alloc(16, 9), 1)] };
    const size = { Rows: 1_024, Columns: 1_024 };
    const frames = MAX_DECOMPRESSED_BYTES / (1_024 * 1_024) + 1;
    const elements = image({ ...size, PixelData, NumberOfFrames: String(frames) });
    await expect(run(elements, [RULE], "1.2.840.10008.1.2.5")).rejects.toMatchObject({
      code: "limit-exceeded",
    });
  });

  test("in colour is blanked in every sample, by pixel and by plane", async () => {
    for (const planar of [0, 1]) {
      const colour = {
        SamplesPerPixel: 3,
        PhotometricInterpretation: "RGB",
        PlanarConfiguration: planar,
      };
      const PixelData = { vr: "OB", value: Buffer.alloc(48, 9) };
      const made = await cells(await run(image({ ...colour, PixelData }), [RULE]));
      const pixels = Array.from({ length: 16 }, (_, at) => made.slice(at * 3, at * 3 + 3));
      expect(pixels.map(([red]) => red)).toEqual(BLANKED);
      expect(pixels.every(([red, green, blue]) => red === green && red === blue)).toBe(true);
    }
  });

  test.each<[string, DataSetElements]>([
    ["says so", { Modality: "MR", BurnedInAnnotation: "YES" }],
    ["is an ultrasound image", {}],
    ["is a secondary capture", { Modality: "MR", SOPClassUID: "1.2.840.10008.5.1.4.1.1.7" }],
    ["is a dose report", { Modality: "CT", ImageType: ["DERIVED", "SECONDARY", "SCREEN SAVE"] }],
  ])(
    "is not let through unseen: an image that %s and fits no rule is refused",
    async (_why, more) => {
      const elements = image({ ...GREY, ManufacturerModelName: "Y", ...more });
      await expect(run(elements, [RULE])).rejects.toMatchObject({ code: "burned-in-annotation" });
      await expect(run({ ...elements, BurnedInAnnotation: "NO" }, [RULE])).resolves.toBeDefined();
    },
  );

  test("a kind that by rule has no burned-in text is left as it is", async () => {
    const rule = { ...RULE, blank: [] };
    expect(await cells(await run(image(GREY), [rule]))).toEqual(Array(16).fill(9));
  });
});

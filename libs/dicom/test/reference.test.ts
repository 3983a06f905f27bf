import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { asAxialError } from "@axial/contracts";
import { describe, expect, test } from "vitest";
import { referenceFolder } from "../fixtures/index.ts";
import {
  type DicomInstance,
  decodeFrame,
  decodeSamples,
  readInstance,
  type Samples,
  Tag,
} from "../src/index.ts";
import { OURS_IS_RIGHT, REFUSED_FOR_A_REASON } from "./reference-differences.ts";

/** What pydicom with GDCM reads of a file: one entry of expected.json. */
interface Expected {
  readonly file: string;
  readonly read: string;
  readonly pix?: string;
  readonly ts?: string;
  readonly shape?: readonly number[];
  readonly frames?: number;
  readonly spp?: number;
  readonly min?: number;
  readonly max?: number;
  readonly mean?: number;
  readonly frame0_sha256_le?: string;
  readonly [tag: string]: unknown;
}

const TAGS = {
  StudyInstanceUID: Tag.StudyInstanceUid,
  SeriesInstanceUID: Tag.SeriesInstanceUid,
  SOPInstanceUID: Tag.SopInstanceUid,
  SOPClassUID: Tag.SopClassUid,
  Modality: Tag.Modality,
  BodyPartExamined: Tag.BodyPartExamined,
  PhotometricInterpretation: Tag.PhotometricInterpretation,
} as const;

/** Of the range of values: what two right decoders of one lossy stream may differ by. */
const LOSSY_MEAN_TOLERANCE = 0.005;

const folder = referenceFolder();
const entries: Expected[] = folder
  ? JSON.parse(readFileSync(join(folder, "expected.json"), "utf8"))
  : [];

function load({ file }: Expected): Uint8Array {
  return readFileSync(join(folder ?? "", file));
}

const readable = entries.filter(({ read }) => read === "ok");
const decodable = readable.filter(({ pix }) => pix === "ok");

const ONLY_WITH_FOLDER = {
  skip: folder === null,
  meta: { lacks: ["the shared data folder beside the clone"] },
};

describe("against the reference", ONLY_WITH_FOLDER, () => {
  test.each(readable)("$file: tags", (expected) => {
    const { dataset, syntax } = readInstance(load(expected));
    expect(syntax.uid).toBe(expected.ts);
    for (const [name, tag] of Object.entries(TAGS)) {
      expect(dataset.string(tag), name).toBe(expected[name] || null);
    }
  });

  test.each(decodable)("$file: pixels", { timeout: 180_000 }, async (expected) => {
    const refusal = REFUSED_FOR_A_REASON.get(expected.file);
    const instance = readInstance(load(expected));
    if (refusal) {
      await expect(decodeSamples(instance, 0)).rejects.toMatchObject({ code: refusal.code });
      return;
    }
    const samples = await decodeSamples(instance, 0);
    expectShape(samples, expected);
    const known = OURS_IS_RIGHT.get(expected.file);
    if (known) expect(hashOf(samples)).toBe(known.sha256);
    else if (!instance.syntax.lossy) expect(hashOf(samples)).toBe(expected.frame0_sha256_le);
    else if (hashOf(samples) !== expected.frame0_sha256_le) await expectClose(instance, expected);
  });

  test.each(entries)("$file: ends", { timeout: 180_000 }, async (expected) => {
    const ending = await endingOf(load(expected));
    expect(ending).toMatch(/^(decoded|no-pixel-data|not-dicom|malformed-dicom|truncated-|un)/);
  });
});

async function endingOf(bytes: Uint8Array): Promise<string> {
  try {
    await decodeFrame(readInstance(bytes), 0);
    return "decoded";
  } catch (thrown) {
    return asAxialError(thrown).code;
  }
}

function expectShape({ pixels, data }: Samples, { shape = [], frames = 1, spp }: Expected): void {
  const oneFrame = frames > 1 ? shape.slice(1) : shape;
  expect([pixels.rows, pixels.columns]).toEqual(oneFrame.slice(0, 2));
  expect(pixels.samples).toBe(spp);
  expect(data.length).toBe(oneFrame.reduce((product, size) => product * size, 1));
}

function hashOf({ data }: Samples): string {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return createHash("sha256").update(bytes).digest("hex");
}

/** The mean over all frames; the reference leaves YCbCr as it is, so ours goes back to it. */
async function expectClose(instance: DicomInstance, expected: Expected): Promise<void> {
  const { frames = 1, min = 0, max = 0, mean = 0 } = expected;
  let sum = 0;
  let count = 0;
  for (let frame = 0; frame < frames; frame += 1) {
    const samples = await decodeSamples(instance, frame);
    const values = asStored(samples);
    sum += values.reduce((total, value) => total + value, 0);
    count += values.length;
  }
  expect(Math.abs(sum / count - mean)).toBeLessThan((max - min) * LOSSY_MEAN_TOLERANCE);
}

function asStored({ data, photometric, pixels }: Samples): number[] {
  const values = Array.from(data);
  if (photometric !== "RGB" || !pixels.photometric.startsWith("YBR_FULL")) return values;
  return Array.from({ length: values.length / 3 }, (_, i) =>
    values.slice(i * 3, i * 3 + 3),
  ).flatMap(([red = 0, green = 0, blue = 0]) => {
    const luma = 0.299 * red + 0.587 * green + 0.114 * blue;
    return [luma, 128 + (blue - luma) / 1.772, 128 + (red - luma) / 1.402];
  });
}

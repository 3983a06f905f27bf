import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { decodeFrame, readInstance } from "@axial/dicom";
import { prepareInput, sampleBytes } from "@axial/imaging";
import { loadModelPackage, openSession } from "@axial/inference";
import { committedPackage, patternElements, sharedData, writePart10 } from "@axial/testkit";
import sharp from "sharp";
import { encodeGrey } from "./decode/encode-frame.ts";
import { SIDE } from "./decode/slice-frame.ts";
import { type BenchOptions, rounded } from "./figures.ts";

const MODEL = "brain-tumour-mobilenetv2";
const DATA = "brain-tumour";
const SPLIT = new URL("../../training/splits/brain-tumour.csv", import.meta.url);
const JPEG_2000 = "1.2.840.10008.1.2.4.90";
const QUICK_IMAGES = 8;

/**
 * How far probabilities move when JPEG 2000 frames are decoded at the lowest resolution that is not
 * smaller than the model's input, over the held test split: each image is written as JPEG 2000
 * without loss, decoded whole and at that resolution, and given to the network both ways. The images
 * have 320 pixels at most, so they are enlarged to the 512 of a scanner first.
 */
export async function runLowerResolution({ quick }: BenchOptions): Promise<object> {
  const folder = sharedData(DATA);
  if (folder === null)
    return { bench: "lower-resolution", skipped: "needs the shared data folder" };
  const pkg = await loadModelPackage(committedPackage(MODEL));
  const { manifest } = pkg;
  const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
  const side = Math.max(manifest.input.height, manifest.input.width);
  const [head] = manifest.heads;
  if (head === undefined) throw new Error("a package has a head");
  const changes: number[] = [];
  let [images, labels] = [0, 0];
  const probabilitiesOf = async (bytes: Buffer, least?: { rows: number; columns: number }) => {
    const frame = await decodeFrame(readInstance(bytes), 0, { least });
    const sample = new Uint8Array(sampleBytes(manifest.input));
    prepareInput(frame, manifest, sample);
    const out = (await session.run(sample, 1))[head.output] ?? new Float32Array();
    return { rows: frame.rows, probabilities: Array.from(out) };
  };
  try {
    for (const file of (await testFiles()).slice(0, quick ? QUICK_IMAGES : undefined)) {
      images += 1;
      const bytes = await asJpeg2000(join(folder, file));
      const whole = await probabilitiesOf(bytes);
      const lower = await probabilitiesOf(bytes, { rows: side, columns: side });
      if (lower.rows === whole.rows) continue;
      const [a, b] = [whole.probabilities, lower.probabilities];
      changes.push(Math.max(...a.map((value, at) => Math.abs(value - (b[at] ?? Number.NaN)))));
      if (largestAt(a) !== largestAt(b)) labels += 1;
    }
  } finally {
    await session.close();
  }
  const ordered = changes.toSorted((a, b) => a - b);
  return {
    bench: "lower-resolution",
    largestChange: rounded(ordered.at(-1) ?? 0, 4),
    medianChange: rounded(ordered[ordered.length >> 1] ?? 0, 4),
    p99Change: rounded(ordered[Math.floor(ordered.length * 0.99)] ?? 0, 4),
    otherLabels: labels,
    halved: changes.length,
    images,
    model: `${manifest.id} ${manifest.version}`,
    data: `${DATA}, test split, enlarged to ${SIDE} pixels`,
  };
}

async function testFiles(): Promise<string[]> {
  const lines = (await readFile(SPLIT, "utf8")).trim().split(/\r?\n/);
  return lines
    .map((line) => line.split(","))
    .flatMap(([file = "", , , split]) => (split === "test" ? [file] : []));
}

/** As a slice of 512 pixels and eight bits in a DICOM file, compressed without loss. */
async function asJpeg2000(file: string): Promise<Buffer> {
  const { data, info } = await sharp(file)
    .resize({ width: SIDE, height: SIDE, fit: "inside", kernel: "lanczos3" })
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const [rows, columns] = [info.height, info.width];
  const grey = data.subarray(0, rows * columns);
  const frame = await encodeGrey(grey, { rows, columns });
  const elements = {
    ...patternElements({ bits: 8, samples: 1, photometric: "MONOCHROME2" }),
    ...{ Rows: rows, Columns: columns, PixelData: { fragments: [frame] } },
  };
  return writePart10({ transferSyntax: JPEG_2000, elements });
}

function largestAt(values: readonly number[]): number {
  return values.indexOf(Math.max(...values));
}

import { readFile } from "node:fs/promises";
import type { ModelPackage } from "@axial/contracts";
import { AxialError } from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { decodeImageFile, prepareInput, sampleBytes } from "@axial/imaging";
import { type InferenceSession, loadModelPackage, openSession } from "@axial/inference";
import { mulberry32 } from "../mulberry32.ts";
import type { LabelledImage } from "./labelled-images.ts";

/** Share of the image that is blanked: its hottest part by the class map. */
const HOT_SHARE = 0.1;
/** Images that are tested, evenly over all: each takes three runs. */
const MOST_IMAGES = 100;
const SEED = 20_261_120;

/** Does the class map show what the answer rests on? */
export interface DeletionTest {
  readonly images: number;
  /** Share of images for which blanking the hottest tenth cost more than the same shape elsewhere. */
  readonly hotBeatsShifted: number;
  /** Mean fall of the winning probability. */
  readonly meanHotDrop: number;
  readonly meanShiftedDrop: number;
}

/**
 * Blanks the hottest tenth of each image (by the map of its winning label) and the same shape moved
 * by a random cyclic shift, and compares what both cost. Throws `invalid-request` for a model
 * without maps.
 */
export async function deletionTest(
  folder: string,
  images: readonly LabelledImage[],
): Promise<DeletionTest> {
  const pkg = await loadModelPackage(folder);
  const { manifest } = pkg;
  if (manifest.explanation === undefined || manifest.input.dtype !== "uint8") {
    throw new AxialError("invalid-request", { detail: `${manifest.id} has no heat maps to test` });
  }
  const session = await openSession(pkg, { providers: ["cpu"], threads: 1 });
  const random = mulberry32(SEED);
  const drops: { hot: number; shifted: number }[] = [];
  try {
    for (const image of sampled(images)) {
      const bytes = await inputOf(image, manifest);
      if (bytes !== null) drops.push(await dropsOf(session, { manifest, bytes, random }));
    }
  } finally {
    await session.close();
  }
  const mean = (values: readonly number[]) =>
    values.reduce((sum, value) => sum + value, 0) / Math.max(1, values.length);
  return {
    images: drops.length,
    hotBeatsShifted: mean(drops.map(({ hot, shifted }) => (hot > shifted ? 1 : 0))),
    meanHotDrop: mean(drops.map(({ hot }) => hot)),
    meanShiftedDrop: mean(drops.map(({ shifted }) => shifted)),
  };
}

function sampled(images: readonly LabelledImage[]): LabelledImage[] {
  const step = Math.max(1, images.length / MOST_IMAGES);
  return images.filter((_, index) => Math.floor(index / step) !== Math.floor((index - 1) / step));
}

/** The image as the model sees it; null for a file that the evaluation skipped too. */
async function inputOf(
  { path, kind }: LabelledImage,
  manifest: ModelPackage,
): Promise<Uint8Array | null> {
  const bytes = await readFile(path);
  try {
    const frame =
      kind === "dicom" ? await decodeFrame(readInstance(bytes), 0) : await decodeImageFile(bytes);
    const input = new Uint8Array(sampleBytes(manifest.input));
    prepareInput(frame, manifest, input);
    return input;
  } catch (error) {
    if (error instanceof AxialError && !error.retryable) return null;
    throw error;
  }
}

interface Trial {
  readonly manifest: ModelPackage;
  readonly bytes: Uint8Array;
  readonly random: () => number;
}

async function dropsOf(session: InferenceSession, { manifest, bytes, random }: Trial) {
  const [head] = manifest.heads;
  const output = head?.output ?? "";
  const maps = manifest.explanation?.output ?? "";
  const found = await session.run(bytes, 1);
  const probabilities = [...(found[output] ?? [])];
  const before = Math.max(...probabilities);
  const winner = probabilities.indexOf(before);
  const [, rows = 1, columns = 1] = session.outputs.get(maps) ?? [];
  const cells = rows * columns;
  const map = (found[maps] ?? new Float32Array()).subarray(winner * cells, (winner + 1) * cells);
  const hot = hottest(map, { rows, columns }, manifest.input);
  const { height, width } = manifest.input;
  const by = { x: Math.floor(random() * width), y: Math.floor(random() * height) };
  const shifted = new Set([...hot].map((at) => moved(at, by, { height, width })));
  const after = async (blank: ReadonlySet<number>) => {
    const answer = await session.run(blanked(bytes, manifest.input, blank), 1);
    return answer[output]?.[winner] ?? 0;
  };
  return { hot: before - (await after(hot)), shifted: before - (await after(shifted)) };
}

function moved(
  at: number,
  by: { x: number; y: number },
  { height, width }: { height: number; width: number },
): number {
  const [x, y] = [at % width, Math.floor(at / width)];
  return ((y + by.y) % height) * width + ((x + by.x) % width);
}

/** Pixels of the hottest tenth; the map is laid over the image, bilinear between cells. */
function hottest(
  map: Float32Array,
  { rows, columns }: { rows: number; columns: number },
  { height, width }: ModelPackage["input"],
): Set<number> {
  const heat = Float64Array.from({ length: height * width }, (_, at) => {
    const [x, y] = [at % width, Math.floor(at / width)];
    const u = clamped(((x + 0.5) / width) * columns - 0.5, columns);
    const v = clamped(((y + 0.5) / height) * rows - 0.5, rows);
    const value = (row: number, column: number) => map[row * columns + column] ?? 0;
    const upper = mix(value(v.low, u.low), value(v.low, u.high), u.part);
    return mix(upper, mix(value(v.high, u.low), value(v.high, u.high), u.part), v.part);
  });
  const order = [...heat.keys()].sort((a, b) => (heat[b] ?? 0) - (heat[a] ?? 0));
  return new Set(order.slice(0, Math.floor(heat.length * HOT_SHARE)));
}

function clamped(at: number, count: number) {
  const inside = Math.min(Math.max(at, 0), count - 1);
  const low = Math.floor(inside);
  return { low, high: Math.min(low + 1, count - 1), part: inside - low };
}

function mix(a: number, b: number, part: number): number {
  return a + (b - a) * part;
}

/** A copy that is black at the pixels. */
function blanked(
  bytes: Uint8Array,
  { channels, height, width, layout }: ModelPackage["input"],
  pixels: ReadonlySet<number>,
): Uint8Array {
  const copy = bytes.slice();
  const plane = height * width;
  for (const pixel of pixels) {
    for (let channel = 0; channel < channels; channel += 1) {
      copy[layout === "NCHW" ? channel * plane + pixel : pixel * channels + channel] = 0;
    }
  }
  return copy;
}

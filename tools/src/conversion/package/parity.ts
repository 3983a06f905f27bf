import { readdir, readFile } from "node:fs/promises";
import { extname, join } from "node:path";
import { AxialError } from "@axial/contracts";
import { decodeImageFile, prepareInput, sampleBytes } from "@axial/imaging";
import { type LoadedPackage, openSession } from "@axial/inference";
import { type Pattern, patterns, randomPatterns } from "./patterns.ts";

/** The probabilities of a converted network may differ by at most this much. */
const MAX_DIFFERENCE = 1e-3;
const RANDOM_IMAGES = 8;
/** Images of a folder that are compared: TensorFlow.js is slow. */
const MAX_REAL_IMAGES = 64;
const IMAGE_FILES: ReadonlySet<string> = new Set([".png", ".jpg", ".jpeg"]);

/** How far a converted network is from TensorFlow.js. */
export interface Parity {
  readonly images: number;
  /** The largest absolute difference of a probability. */
  readonly worst: number;
}

/**
 * One network on both runtimes, and how each takes an image of bytes (as `converted` lays it out).
 */
interface Pair {
  readonly converted: LoadedPackage;
  readonly original: LoadedPackage;
  /** Bytes as the converted network takes them, as the original does. */
  translate(image: Uint8Array): Uint8Array;
  /** The original's output as probabilities. */
  finish(outputs: Float32Array): Float32Array;
}

/**
 * Runs generated images, and those of `folder` prepared as in production, on both; throws
 * `golden-mismatch` when a probability differs by more than `MAX_DIFFERENCE`.
 */
export async function compareNetworks(pair: Pair, folder: string | undefined): Promise<Parity> {
  const { input } = pair.converted.manifest;
  const images = [
    ...patterns(input),
    ...randomPatterns(input, RANDOM_IMAGES),
    ...(folder === undefined ? [] : await realImages(pair.converted, folder)),
  ];
  const options = { providers: ["cpu" as const], threads: 1 };
  const converted = await openSession(pair.converted, options);
  const original = await openSession(pair.original, options);
  const output = pair.converted.manifest.heads[0]?.output ?? "";
  let worst = 0;
  try {
    for (const image of images) {
      const left = (await converted.run(image.bytes, 1))[output];
      const [right] = Object.values(await original.run(pair.translate(image.bytes), 1));
      worst = Math.max(worst, difference(left, right && pair.finish(right)));
    }
  } finally {
    await Promise.all([converted.close(), original.close()]);
  }
  if (worst <= MAX_DIFFERENCE) return { images: images.length, worst };
  throw new AxialError("golden-mismatch", {
    detail: `the converted network differs by ${worst.toPrecision(3)} from TensorFlow.js; ${MAX_DIFFERENCE} is allowed`,
  });
}

function difference(left: Float32Array | undefined, right: Float32Array | undefined): number {
  if (left === undefined || left.length !== right?.length) return Number.POSITIVE_INFINITY;
  const off = [...left].map((value, index) => Math.abs(value - (right[index] ?? Number.NaN)));
  return off.some(Number.isNaN) ? Number.POSITIVE_INFINITY : Math.max(...off);
}

async function realImages({ manifest }: LoadedPackage, folder: string): Promise<Pattern[]> {
  const entries = await readdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new AxialError("invalid-request", { detail: `${folder} cannot be read`, cause });
  });
  const names = entries.filter((name) => IMAGE_FILES.has(extname(name).toLowerCase())).sort();
  if (names.length === 0) {
    throw new AxialError("invalid-request", { detail: `${folder} holds no PNG or JPEG` });
  }
  const images: Pattern[] = [];
  for (const name of names.slice(0, MAX_REAL_IMAGES)) {
    const bytes = new Uint8Array(sampleBytes(manifest.input));
    prepareInput(await decodeImageFile(await readFile(join(folder, name))), manifest, bytes);
    images.push({ name, bytes });
  }
  return images;
}

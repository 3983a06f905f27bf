import { createHash } from "node:crypto";
import { deflateSync } from "node:zlib";
import { AxialError, type Golden, type ModelPackage } from "@axial/contracts";
import {
  type InferenceSession,
  type LoadedPackage,
  openSession,
  sampleShape,
} from "@axial/inference";
import { draftManifest, type NetworkFacts, type PackageOptions } from "./manifest.ts";
import { type Pattern, patterns } from "./patterns.ts";

/** As for packages that are trained here: other processors round otherwise. */
const TOLERANCE = 1e-3;
/** The runtime's own words for a graph that it does not even load. */
const LOAD_ERRORS = /cannot load the graph/;
/** One sample alone and among others: the same sums in another order. */
const BATCH_TOLERANCE = 1e-4;
/** Rows that add up to 1 within this are exclusive probabilities. */
export const SUM_TOLERANCE = 1e-3;

export interface Draft {
  readonly options: PackageOptions;
  /** The package before the network has run. */
  readonly facts: Omit<NetworkFacts, "weights" | "kind">;
  readonly file: string;
  readonly weights: Uint8Array;
  /** Images as bytes, made into what the network takes. */
  encode(image: Uint8Array): Uint8Array;
  /** The operation that ties a batch together, where the graph tells. */
  readonly batchLayer?: string | null;
}

/** The package before its network has run: without golden cases. */
export function uncheckedPackage({ options, facts, weights, file }: Draft): LoadedPackage {
  const stored = {
    file,
    bytes: weights.length,
    sha256: createHash("sha256").update(weights).digest("hex"),
  };
  const manifest = draftManifest(options, { ...facts, weights: stored, kind: "softmax" });
  return { folder: "", manifest, weights, golden: { tolerance: TOLERANCE, cases: [] } };
}

/** The package, with the network's current outputs as golden outputs. */
export async function completePackage(draft: Draft): Promise<LoadedPackage> {
  const unchecked = uncheckedPackage(draft);
  const session = await opened(unchecked, draft);
  try {
    const images = patterns(unchecked.manifest.input);
    const outputs = await runEach(session, draft, images);
    await assertBatches(session, { draft, images, outputs });
    const kind = kindOf(outputs.flat(), unchecked.manifest);
    const heads = unchecked.manifest.heads.map((head) => ({ ...head, kind }));
    const manifest = { ...unchecked.manifest, heads };
    return { ...unchecked, manifest, golden: goldenOf(manifest, { draft, images, outputs }) };
  } finally {
    await session.close();
  }
}

/** A session; where the network cannot take two images at once, the error names the layer. */
export async function opened(pkg: LoadedPackage, { batchLayer }: Draft): Promise<InferenceSession> {
  try {
    return await openSession(pkg, { providers: ["cpu"], threads: 1 });
  } catch (error) {
    const ran = error instanceof AxialError && !LOAD_ERRORS.test(error.message);
    if (!ran || !batchLayer) throw error;
    throw new AxialError("invalid-model", {
      detail: `the network does not take several images in one batch: ${batchLayer} fixes their number or mixes them (${error.message})`,
      cause: error,
    });
  }
}

/** Probabilities of each image by itself. */
export async function runEach(
  session: InferenceSession,
  { facts, encode }: Draft,
  images: readonly Pattern[],
): Promise<number[][]> {
  const outputs: number[][] = [];
  for (const { bytes } of images) {
    const found = await session.run(encode(bytes), 1);
    outputs.push([...(found[facts.output] ?? [])]);
  }
  return outputs;
}

/**
 * Whether the outputs are exclusive probabilities (softmax) or independent ones (sigmoid). Throws
 * otherwise.
 */
function kindOf(values: readonly number[], { heads }: ModelPackage): "softmax" | "sigmoid" {
  const stranger = values.find((value) => !(value >= 0 && value <= 1));
  if (stranger !== undefined) {
    throw new AxialError("invalid-model", {
      detail: `the output is ${stranger.toPrecision(4)}, not a probability; for logits name the activation with --activation (softmax, sigmoid)`,
    });
  }
  const labels = heads[0]?.labels.length ?? 1;
  const sums = Array.from({ length: values.length / labels }, (_, row) =>
    values.slice(row * labels, (row + 1) * labels).reduce((sum, value) => sum + value, 0),
  );
  return sums.every((sum) => Math.abs(sum - 1) < SUM_TOLERANCE) ? "softmax" : "sigmoid";
}

interface Runs {
  readonly draft: Draft;
  readonly images: readonly Pattern[];
  readonly outputs: readonly (readonly number[])[];
}

/** A network that mixes the images of a batch answers wrongly for every one of them. */
async function assertBatches(
  session: InferenceSession,
  { draft, images, outputs }: Runs,
): Promise<void> {
  const batch = Buffer.concat(images.map(({ bytes }) => draft.encode(bytes)));
  const found = await session.run(new Uint8Array(batch), images.length);
  const together = found[draft.facts.output] ?? new Float32Array();
  const off = outputs
    .flat()
    .map((value, index) => Math.abs(value - (together[index] ?? Number.NaN)));
  if (off.every((difference) => difference <= BATCH_TOLERANCE)) return;
  throw new AxialError("invalid-model", {
    detail: `the network answers differently for several images in one batch${draft.batchLayer ? `: ${draft.batchLayer} mixes them` : ""}`,
  });
}

function goldenOf(manifest: ModelPackage, { draft, images, outputs }: Runs): Golden {
  const { dtype } = manifest.input;
  return {
    tolerance: TOLERANCE,
    cases: images.map(({ name, bytes }, index) => ({
      name,
      input: {
        shape: [1, ...sampleShape(manifest)],
        dtype,
        encoding: "deflate+base64",
        data: deflateSync(draft.encode(bytes)).toString("base64"),
      },
      outputs: { [draft.facts.output]: [...(outputs[index] ?? [])] },
    })),
  };
}

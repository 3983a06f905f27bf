import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { AxialError, type ModelPackage } from "@axial/contracts";
import { usableCpus } from "@axial/worker";
import type { InstalledModel } from "@axial/worker/engine";
import {
  aggregate,
  inputOver,
  openStages,
  type Stages,
  sliceDistance,
  usableSlices,
} from "@axial/worker/engine";
import { deletionTest } from "./deletion-test.ts";
import type { Evaluation, Measured } from "./evaluation.ts";
import { calibrationSvg, confusionSvg, png, rocSvg } from "./figures.ts";
import { intervalsOf } from "./intervals.ts";
import {
  type LabelledImage,
  type LabelledImagesOptions,
  labelledImages,
} from "./labelled-images.ts";
import { type Answered, measureReference } from "./reference.ts";
import { reportPage } from "./report-page.ts";
import type { Scored } from "./scored.ts";
import { scoresOf } from "./scores.ts";
import { type Truth, truthOf } from "./truth.ts";

interface EvaluateOptions extends LabelledImagesOptions {
  /** Folder of the model package: `models/<id>/<version>`. */
  readonly folder: string;
  /** Where confusion matrices, ROC curves and `evaluation.json` go. */
  readonly out?: string;
  /** Where an HTML page with all figures goes. */
  readonly report?: string;
  /** What the images are, in words: their results make a reference for drift. */
  readonly referenceOn?: string;
  /** Test on some of the images whether heat maps show what the answers rest on. */
  readonly explain?: boolean;
  onProgress?(done: number, total: number): void;
}

/** Tasks handed to the engine at once: enough for every thread and the next batches. */
const IN_FLIGHT = 64;
const MEGABYTE = 1 << 20;

type Answer = Answered | AxialError;

/**
 * Runs labelled images through the production engine, each as a study of one slice, and scores the
 * answers. Throws `invalid-request` when the labels do not fit the model, and the errors of loading
 * and verifying the package.
 */
export async function evaluateModel(options: EvaluateOptions): Promise<Evaluation> {
  const images = await labelledImages(options);
  const stages = await openForEvaluation(options.folder);
  try {
    const [model] = stages.models;
    if (model === undefined) throw new AxialError("model-not-found");
    const truths = truthOf(model.manifest, images);
    const answers = await answerAll(stages, { model, images, onProgress: options.onProgress });
    const evaluation = score({ manifest: model.manifest, images, truths, answers });
    const provider = stages.device.models[0]?.provider ?? "cpu";
    const root = options.images;
    const explanation = options.explain ? await deletionTest(options.folder, images) : null;
    const skipped = skippedOf(images, answers, root);
    const reference = referenceFor(options, model.manifest, answers);
    const report = { ...evaluation.report, provider, explanation, reference, skipped };
    if (options.out !== undefined) await writeFigures(options.out, report, evaluation.scored);
    if (options.report !== undefined) {
      await writeFile(options.report, reportPage(report, evaluation.scored));
    }
    return report;
  } finally {
    await stages.close();
  }
}

async function openForEvaluation(folder: string): Promise<Stages> {
  const cpus = usableCpus();
  const stages = await openStages({
    packages: [folder],
    source: { kind: "files" },
    providers: ["cpu"],
    device: 0,
    tensorrtCache: null,
    models: {},
    cpus,
    sessions: 0,
    sessionThreads: 0,
    decodeThreads: cpus,
    batchImages: 8,
    batchBytes: 64 * MEGABYTE,
    arenaBytes: 256 * MEGABYTE,
  });
  if (!("failures" in stages)) return stages;
  const [failure] = stages.failures;
  const code = failure?.code ?? "invalid-model";
  throw new AxialError(code, failure?.detail === undefined ? {} : { detail: failure.detail });
}

interface AnswerOptions {
  readonly model: InstalledModel;
  readonly images: readonly LabelledImage[];
  readonly onProgress: EvaluateOptions["onProgress"] | undefined;
}

/** One answer per image, in their order. */
async function answerAll(stages: Stages, options: AnswerOptions): Promise<Answer[]> {
  const { model, images, onProgress } = options;
  const answers: Answer[] = new Array(images.length);
  let [next, done] = [0, 0];
  const take = async (): Promise<void> => {
    for (;;) {
      const index = next++;
      const image = images[index];
      if (image === undefined) return;
      answers[index] = await answer(stages, model, { image, key: String(index) });
      onProgress?.(++done, images.length);
    }
  };
  await Promise.all(Array.from({ length: IN_FLIGHT }, take));
  return answers;
}

async function answer(
  { flow }: Stages,
  model: InstalledModel,
  { image, key }: { image: LabelledImage; key: string },
): Promise<Answer> {
  const slices = [{ source: image.path, frame: 0, kind: image.kind }];
  try {
    const seen = await flow.see({ key, model, lane: "routine", isolate: false, slices });
    const usable = usableSlices(seen);
    const [only = {}] = usable;
    const { domainDistance: distance } = sliceDistance(model.manifest, only);
    const { distributions } = aggregate(model.manifest, usable);
    return { distributions, distance, ...inputOver(seen) };
  } catch (error) {
    if (error instanceof AxialError && !error.retryable) return error;
    throw error;
  }
}

interface Scoring {
  readonly manifest: ModelPackage;
  readonly images: readonly LabelledImage[];
  readonly truths: readonly Truth[];
  readonly answers: readonly Answer[];
}

function score({ manifest, images, truths, answers }: Scoring) {
  const scored = new Map<string, Scored>();
  const heads: Record<string, Measured> = {};
  const marginals: Record<string, Measured> = {};
  for (const truth of truths) {
    const { groups, ...one } = scoredOf(truth, images, answers);
    scored.set(truth.name, one);
    const { ordinal } = truth;
    const intervals = intervalsOf(one, { groups, ordinal });
    const scores = { ...scoresOf(one, ordinal), intervals };
    (truth.kind === "head" ? heads : marginals)[truth.name] = scores;
  }
  const [first] = Object.values(heads);
  if (first === undefined) throw new AxialError("invalid-request", { detail: "no head is scored" });
  const { id, version, evidence } = manifest;
  const outOfDomain = outOfDomainOf(manifest, answers);
  const report = { model: { id, version, evidence }, ...first, heads, marginals, outOfDomain };
  return { scored, report };
}

function scoredOf(
  truth: Truth,
  images: readonly LabelledImage[],
  answers: readonly Answer[],
): Scored & { readonly groups: readonly string[] } {
  const labels = truth.labels.map(({ id }) => id);
  const rows = answers.flatMap((answer, index) => {
    const actual = truth.indices[index] ?? -1;
    if (answer instanceof AxialError || actual < 0) return [];
    const { probabilities = {} } =
      answer.distributions.find(({ name }) => name === truth.name) ?? {};
    const image = images[index];
    const group = image?.columns.group || (image?.path ?? "");
    return [{ actual, group, row: labels.map((label) => probabilities[label] ?? 0) }];
  });
  return {
    labels,
    truth: rows.map(({ actual }) => actual),
    probabilities: rows.map(({ row }) => row),
    groups: rows.map(({ group }) => group),
  };
}

function referenceFor(
  { referenceOn }: EvaluateOptions,
  manifest: ModelPackage,
  answers: readonly Answer[],
) {
  if (referenceOn === undefined) return null;
  const answered = answers.flatMap((answer) => (answer instanceof AxialError ? [] : [answer]));
  return measureReference(manifest, answered, referenceOn);
}

/** A package that refuses such series is still evaluated on them. */
function outOfDomainOf({ domain }: ModelPackage, answers: readonly Answer[]) {
  if (domain === undefined) return null;
  const distances = answers.flatMap((answer) =>
    answer instanceof AxialError ? [] : [answer.distance ?? 0],
  );
  const count = distances.filter((distance) => distance > domain.threshold).length;
  return { count, share: count / Math.max(1, distances.length) };
}

function skippedOf(images: readonly LabelledImage[], answers: readonly Answer[], root: string) {
  return answers.flatMap((answer, index) =>
    answer instanceof AxialError
      ? [{ file: relative(root, images[index]?.path ?? ""), code: answer.code }]
      : [],
  );
}

async function writeFigures(
  out: string,
  report: Evaluation,
  scored: ReadonlyMap<string, Scored>,
): Promise<void> {
  await mkdir(out, { recursive: true });
  await writeFile(join(out, "evaluation.json"), `${JSON.stringify(report, null, 2)}\n`);
  for (const [name, scores] of Object.entries({ ...report.marginals, ...report.heads })) {
    const rows = scored.get(name);
    await writeFile(join(out, `confusion-${name}.png`), await png(confusionSvg(scores)));
    await writeFile(join(out, `calibration-${name}.png`), await png(calibrationSvg(scores)));
    if (rows) await writeFile(join(out, `roc-${name}.png`), await png(rocSvg(rows, scores)));
  }
}

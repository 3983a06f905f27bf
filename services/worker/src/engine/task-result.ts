import {
  AxialError,
  type BlobKey,
  type Certainty,
  type Distribution,
  type DomainAssessment,
  type InputFigures,
  inputHashOf,
  type Selection,
  type StageTimings,
  type TaskInput,
  type TaskResult,
} from "@axial/contracts";
import type { EngineTask } from "../protocol.ts";
import { probabilitiesOf } from "./aggregate.ts";
import { sliceDistance } from "./domain.ts";
import type { InstalledModel } from "./installed-models.ts";
import type { SeenSlices, SliceOutputs } from "./slice-work.ts";

interface FinishedTask {
  readonly task: EngineTask;
  readonly input: TaskInput;
  readonly model: InstalledModel;
  readonly provider: string;
  readonly seen: SeenSlices;
  readonly domain: DomainAssessment | null;
  readonly distributions: Distribution[];
  readonly certainty: Certainty[];
  readonly heatmap: BlobKey | null;
  /** When the engine began with the task, by the monotonic clock. */
  readonly startedAt: number;
}

/** The slices that the model saw. Throws the first slice's failure when there are none. */
export function usableSlices({ slices }: SeenSlices): SliceOutputs[] {
  const usable = slices.flatMap((slice) => (slice.outputs === null ? [] : [slice.outputs]));
  const [first] = slices;
  if (usable.length > 0 || first?.outputs !== null) return usable;
  const { code, detail } = first.failure;
  throw new AxialError(code, detail === undefined ? {} : { detail });
}

/** The result blob of a finished task. */
export function taskResult(finished: FinishedTask): TaskResult {
  const { manifest: pkg, preprocessingHash } = finished.model;
  const { id, version, evidence } = pkg;
  return {
    schemaVersion: 1,
    task: finished.task.task,
    model: { id, version, sha256: pkg.weights.sha256, evidence },
    provider: finished.provider,
    preprocessingHash,
    inputHash: inputHashOf(finished.input),
    labels: Object.fromEntries(
      pkg.heads.map((head) => [head.name, head.labels.map(({ id }) => id)]),
    ),
    distributions: finished.distributions,
    ...(finished.domain === null ? {} : { domain: finished.domain }),
    ...(finished.certainty.length === 0 ? {} : { certainty: finished.certainty }),
    ...inputOver(finished.seen),
    ...selectionIn(finished.input),
    ...sliceResults(finished),
    timings: timings(finished),
    batchSizes: [...finished.seen.batchSizes],
  };
}

/** What the network was shown, on average over the slices; nothing where that is not known. */
export function inputOver({ slices }: SeenSlices): { input?: InputFigures } {
  const known = slices.flatMap((slice) => (slice.outputs === null ? [] : (slice.input ?? [])));
  if (known.length === 0) return {};
  const mean = (of: keyof InputFigures) =>
    tenThousandths(known.reduce((sum, one) => sum + one[of], 0) / known.length);
  return { input: { mean: mean("mean"), deviation: mean("deviation") } };
}

function tenThousandths(figure: number): number {
  return Math.round(figure * 1e4) / 1e4;
}

/** What the planner says of the series, as the result repeats it. */
function selectionIn({ stack, excluded, laterality }: TaskInput): Partial<Selection> {
  return {
    ...(stack === undefined ? {} : { stack }),
    ...(excluded === undefined ? {} : { excluded }),
    ...(laterality === undefined ? {} : { laterality }),
  };
}

function sliceResults({ input, model, seen, heatmap }: FinishedTask) {
  const slices: TaskResult["slices"] = [];
  const skipped: TaskResult["skipped"] = [];
  input.slices.forEach(({ sopInstanceUid, frame }, index) => {
    const slice = seen.slices[index];
    if (slice === undefined) return;
    if (slice.outputs === null) {
      skipped.push({ sopInstanceUid, frame, code: slice.failure.code });
      return;
    }
    const { outputs, turn } = slice;
    const probabilities = Object.fromEntries(
      model.manifest.heads.map((head) => [head.name, probabilitiesOf(head, outputs)]),
    );
    slices.push({
      sopInstanceUid,
      frame,
      probabilities,
      ...sliceDistance(model.manifest, outputs),
      ...(turn === null ? {} : { turn }),
      ...(heatmap === null ? {} : { heatmap }),
    });
  });
  return { slices, skipped };
}

function timings({ seen, startedAt }: FinishedTask): StageTimings {
  return {
    decode: tenths(seen.preparedAt - seen.startedAt),
    batchWait: tenths(seen.lastBatchAt - seen.preparedAt),
    infer: tenths(seen.endedAt - seen.lastBatchAt),
    total: tenths(performance.now() - startedAt),
  };
}

/** Milliseconds to a tenth, never below 0. */
function tenths(milliseconds: number): number {
  return Math.max(0, Math.round(milliseconds * 10) / 10);
}

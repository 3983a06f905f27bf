import {
  AxialError,
  type CodedConcept,
  type Distribution,
  type ModelPackage,
  type RunId,
  refusalTitle,
  type SeriesId,
  type TaskResult,
} from "@axial/contracts";
import type { TagSnapshot } from "@axial/store/ingest";
import type { InstanceRow, StudyRecord } from "@axial/store/views";
import { currentRun, seriesUids } from "@axial/store/views";
import { codeOf, conceptOf } from "./codes.ts";

/** An image that a finding rests on. */
export interface ImageRef {
  readonly seriesUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  /** Counted from 1; null for a single-frame instance. */
  readonly frame: number | null;
}

interface LabelProbability {
  readonly label: string;
  readonly code: CodedConcept;
  readonly probability: number;
}

/** One head or marginal of a model on one series. */
export interface Evaluation {
  readonly concept: CodedConcept;
  readonly value: CodedConcept;
  readonly distribution: Distribution;
  readonly probabilities: readonly LabelProbability[];
}

/** What one model says of one series. */
export interface Finding {
  readonly id: string;
  readonly seriesUid: string;
  readonly result: TaskResult;
  readonly title: string;
  readonly evaluations: readonly Evaluation[];
  readonly images: readonly ImageRef[];
  readonly createdAt: Date;
}

/** What was not analysed, and why. */
export interface Unanalysed {
  readonly id: string;
  /** Null for the whole study. */
  readonly seriesUid: string | null;
  /** Null for every model. */
  readonly model: string | null;
  /** Of a refusal, or of the failure at which a task died. */
  readonly code: string;
  readonly title: string;
  readonly images: readonly ImageRef[];
  readonly createdAt: Date;
}

/** What SR and FHIR are renderings of: the current run of a study, with its patient. */
export interface Report {
  readonly studyUid: string;
  readonly tags: TagSnapshot;
  readonly runId: RunId;
  readonly runNumber: number;
  /** Nothing of the run is unfinished. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  readonly unanalysed: readonly Unanalysed[];
  /** Items of the series' RequestAttributesSequence (0040,0275). */
  readonly requests: readonly TagSnapshot[];
  /** An earlier answer of the study exists, which this one replaces. */
  readonly amends: boolean;
  readonly issuedAt: Date;
}

interface ReportSources {
  readonly record: StudyRecord;
  /** Whose report it is; the current run without it. */
  readonly run?: RunId;
  readonly instances: readonly InstanceRow[];
  readonly models: readonly ModelPackage[];
}

/**
 * The report of a run: findings, and what was not analysed and why. Throws
 * `conflict` when there is neither (yet).
 */
export function buildReport({ record, instances, models, ...wanted }: ReportSources): Report {
  const run = runOf(record, wanted.run);
  const predictions = record.predictions.filter((row) => row.run_id === run?.id);
  const uids = seriesUids(record);
  const unanalysed = run === undefined ? [] : unanalysedOf(record, run.id, { instances, uids });
  if (run === undefined || predictions.length + unanalysed.length === 0) {
    throw new AxialError("conflict", { detail: "the run has no answer" });
  }
  const findings = predictions.map((row) => {
    const model = models.find(
      ({ id, version }) => id === row.model_id && version === row.model_version,
    );
    return {
      id: row.id,
      seriesUid: uids.get(row.series_id) ?? "",
      result: row.result,
      title: model?.title ?? row.model_id,
      evaluations: row.result.distributions.map((one) => evaluationOf(one, model)),
      images: imagesOf(row.result, { instances, uids }),
      createdAt: row.created_at,
    };
  });
  return {
    studyUid: record.study.study_uid,
    tags: record.study.tags as TagSnapshot,
    runId: run.id,
    runNumber: run.number,
    complete: run.state === "complete" || run.state === "complete-with-failures",
    findings,
    unanalysed,
    requests: record.series.flatMap(requestsOf),
    amends: record.runs.some(
      ({ number, answered_at }) => number < run.number && answered_at !== null,
    ),
    issuedAt: new Date(
      Math.max(...[...findings, ...unanalysed].map(({ createdAt }) => createdAt.getTime())),
    ),
  };
}

function runOf(record: StudyRecord, wanted: RunId | undefined) {
  if (wanted === undefined) return currentRun(record);
  return record.runs.find(({ id }) => id === wanted);
}

function requestsOf({ tags }: StudyRecord["series"][number]): readonly TagSnapshot[] {
  return ((tags as TagSnapshot)["00400275"]?.Value ?? []) as readonly TagSnapshot[];
}

/** Refusals of a run, and its tasks that died. */
function unanalysedOf(record: StudyRecord, run: RunId, sources: ImageSources): Unanalysed[] {
  const series = (id: SeriesId | null) => ({
    seriesUid: id === null ? null : (sources.uids.get(id) ?? null),
    images: sources.instances.flatMap((one) =>
      one.series_id === id ? [imageRef(one, null, sources)] : [],
    ),
  });
  const refused = record.refusals
    .filter(({ run_id }) => run_id === run)
    .map((row) => ({
      ...{ id: row.id, model: row.model_id, code: row.code, title: refusalTitle(row.code) },
      ...{ ...series(row.series_id), createdAt: row.created_at },
    }));
  const died = record.tasks
    .filter(({ run_id, state }) => run_id === run && state === "dead")
    .map((row) => ({
      ...{ id: row.id, model: row.model_id, code: row.error_code ?? "internal" },
      ...{ title: "The analysis failed.", createdAt: row.finished_at ?? row.created_at },
      ...series(row.series_id),
    }));
  return [...refused, ...died];
}

/** SR and FHIR refer to DICOM instances. Throws `conflict` for a study of PNG or JPEG images. */
export function assertDicom(instances: readonly InstanceRow[]): void {
  if (instances.some((instance) => instance.kind !== "dicom")) {
    throw new AxialError("conflict", { detail: "the study holds images that are not DICOM" });
  }
}

function evaluationOf(distribution: Distribution, model: ModelPackage | undefined): Evaluation {
  const code = (label: string) => codeOf(label, distribution, model);
  return {
    concept: conceptOf(distribution),
    value: code(distribution.label),
    distribution,
    probabilities: Object.entries(distribution.probabilities).map(([label, probability]) => ({
      label,
      code: code(label),
      probability,
    })),
  };
}

interface ImageSources {
  readonly instances: readonly InstanceRow[];
  readonly uids: ReturnType<typeof seriesUids>;
}

function imagesOf({ slices }: TaskResult, { instances, uids }: ImageSources): ImageRef[] {
  const known = new Map(instances.map((instance) => [instance.sop_instance_uid, instance]));
  const frames = new Set(slices.filter(({ frame }) => frame > 0).map((s) => s.sopInstanceUid));
  return slices.flatMap(({ sopInstanceUid, frame }) => {
    const instance = known.get(sopInstanceUid);
    if (instance === undefined) return [];
    const numbered = frames.has(sopInstanceUid) ? frame + 1 : null;
    return [imageRef(instance, numbered, { instances, uids })];
  });
}

function imageRef(instance: InstanceRow, frame: number | null, { uids }: ImageSources): ImageRef {
  return {
    seriesUid: uids.get(instance.series_id) ?? "",
    sopInstanceUid: instance.sop_instance_uid,
    sopClassUid: instance.sop_class_uid,
    frame,
  };
}

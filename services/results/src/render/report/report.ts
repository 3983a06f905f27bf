import {
  AxialError,
  type CodedConcept,
  type Distribution,
  type ModelPackage,
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

export interface LabelProbability {
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

/** What SR and FHIR are renderings of: the current run of a study, with its patient. */
export interface Report {
  readonly studyUid: string;
  readonly tags: TagSnapshot;
  readonly runId: string;
  readonly runNumber: number;
  /** Nothing of the run is unfinished. */
  readonly complete: boolean;
  readonly findings: readonly Finding[];
  readonly issuedAt: Date;
}

export interface ReportSources {
  readonly record: StudyRecord;
  readonly instances: readonly InstanceRow[];
  readonly models: readonly ModelPackage[];
}

/**
 * The report of a study's current run. Throws `conflict` when there is no prediction in it (yet).
 */
export function buildReport({ record, instances, models }: ReportSources): Report {
  const run = currentRun(record);
  const predictions = record.predictions.filter((row) => row.run_id === run?.id);
  if (run === undefined || predictions.length === 0) {
    throw new AxialError("conflict", { detail: "the current run has no prediction" });
  }
  const uids = seriesUids(record);
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
    issuedAt: new Date(Math.max(...findings.map((finding) => finding.createdAt.getTime()))),
  };
}

/** SR and FHIR refer to DICOM instances; a PNG is none. Throws `conflict` for a study of those. */
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
    return [
      {
        seriesUid: uids.get(instance.series_id) ?? "",
        sopInstanceUid,
        sopClassUid: instance.sop_class_uid,
        frame: frames.has(sopInstanceUid) ? frame + 1 : null,
      },
    ];
  });
}

import type {
  BlobKey,
  Lane,
  RefusalFacts,
  SeriesId,
  StudyId,
  TaskArm,
  TaskId,
  TenantId,
} from "@axial/contracts";
import type { RunReason } from "../schema.ts";

/** An instance as the planner sees it. */
export interface PlannableInstance {
  readonly series: SeriesId;
  readonly blob: BlobKey;
  readonly kind: "dicom" | "image";
  /** `InstanceFacts` in JSON, as stored: of many instances they are not parsed on an event loop. */
  readonly facts: string;
}

/** What a study holds to be planned. */
export interface PlannableImages {
  readonly instances: readonly PlannableInstance[];
  /** Series beyond what is planned of one study: none of their instances is among `instances`. */
  readonly leftOut: readonly SeriesId[];
  /** Slices and frames of `instances`. */
  readonly slices: number;
}

/** A closed study with its images. */
export interface PlannableStudy extends PlannableImages {
  readonly id: StudyId;
  readonly tenant: TenantId;
  /** Study Instance UID. */
  readonly uid: string;
  readonly lane: Lane;
  readonly reason: RunReason;
  readonly requestedModels: readonly string[] | null;
  /** Of the request that stored of it last. */
  readonly traceParent: string | null;
}

interface PlannedTask {
  readonly id: TaskId;
  readonly series: SeriesId;
  readonly model: { readonly id: string; readonly version: string };
  /** Of a canary, or a shadow of the version that answers; null otherwise. */
  readonly arm?: TaskArm | null;
  /** Tells apart the tasks of one series and model; 0 where there is one. */
  readonly part?: number;
  readonly input: BlobKey;
  readonly slices: number;
}

export interface PlannedRefusal {
  readonly series: SeriesId | null;
  readonly model: string | null;
  /** Null where no model was asked. */
  readonly version?: string | null;
  readonly arm?: TaskArm | null;
  readonly code: string;
  readonly facts: RefusalFacts;
}

/** The planner's decision: a task or a refusal for each series and model. */
export interface StudyPlan {
  readonly tasks: readonly PlannedTask[];
  readonly refusals: readonly PlannedRefusal[];
  /** Of the planning, for its run and tasks. */
  readonly traceParent?: string | null;
}

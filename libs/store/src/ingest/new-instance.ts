import type { BlobKey, InstanceFacts, Lane, StudyId, TenantId } from "@axial/contracts";
import type { TagSnapshot } from "../tag-snapshot.ts";

export type { TagSnapshot };

/** An instance whose bytes are durable in the blob store and whose row does not exist yet. */
export interface NewInstance {
  readonly tenant: TenantId;
  readonly facts: InstanceFacts;
  readonly kind: "dicom" | "image";
  readonly blob: BlobKey;
  readonly bytes: number;
  readonly studyTags: TagSnapshot;
  /** The patient that it names: see `IDENTITY_TAGS`. */
  readonly patientTags: TagSnapshot;
  readonly seriesTags: TagSnapshot;
  /** What the sender asked for; null leaves what the study has. */
  readonly lane: Lane | null;
  readonly expectedInstances: number | null;
  readonly models: readonly string[] | null;
  /** `traceparent` of the request that brought it. */
  readonly traceParent?: string | null;
}

/**
 * `duplicate`: the same bytes are already stored, which counts as success. `conflict`: other
 * bytes are stored under its UID, and are kept; `held` is their address, `study` their study.
 */
export type InstanceOutcome =
  | { readonly status: "stored" | "duplicate"; readonly study: StudyId }
  | InstanceConflict;

export interface InstanceConflict {
  readonly status: "conflict";
  readonly study: StudyId;
  readonly held: BlobKey;
  /** It is of the study that the instance names. */
  readonly sameStudy: boolean;
}

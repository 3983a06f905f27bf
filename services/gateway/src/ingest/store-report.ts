import type { ErrorCode, StudyId } from "@axial/contracts";

/** UIDs of an instance, as a Store Instances Response names it. */
export interface InstanceName {
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
}

/**
 * The outcome of one part of a request; a part without readable UIDs has no name. An object that
 * Axial made is `ignored`: acknowledged, because its sender has nothing to repeat, and not kept.
 */
export type PartOutcome =
  | { readonly status: "stored"; readonly name: InstanceName; readonly study: StudyId }
  | { readonly status: "ignored"; readonly name: InstanceName }
  | { readonly status: "failed"; readonly name: InstanceName | null; readonly code: ErrorCode };

/** The outcome of a request. */
export interface StoreReport {
  readonly outcomes: readonly PartOutcome[];
}

export function storedStudies(report: StoreReport): StudyId[] {
  const studies = report.outcomes.flatMap((outcome) =>
    outcome.status === "stored" ? [outcome.study] : [],
  );
  return [...new Set(studies)];
}

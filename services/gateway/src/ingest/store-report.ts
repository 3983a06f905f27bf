import { ERROR_CATALOGUE, type ErrorCode, type StudyId } from "@axial/contracts";

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
  /** The body ended early or was too much, so that there may be more of its studies. */
  readonly brokenOff: boolean;
}

/** Whether the sender is to repeat the part: nothing is wrong with the instance itself. */
export function failedForNow(outcome: PartOutcome): boolean {
  return outcome.status === "failed" && ERROR_CATALOGUE[outcome.code].retryable;
}

/**
 * Studies that the request stored something of and that its end may close. One whose sender has
 * more to send, or a part to repeat, stays open: it would be answered from what came before.
 */
export function studiesToClose({ outcomes, brokenOff }: StoreReport): StudyId[] {
  const repeated = new Set(outcomes.filter(failedForNow).map(({ name }) => name?.studyUid));
  if (brokenOff || repeated.has(undefined)) return [];
  const studies = outcomes.flatMap((outcome) =>
    outcome.status === "stored" && !repeated.has(outcome.name.studyUid) ? [outcome.study] : [],
  );
  return [...new Set(studies)];
}

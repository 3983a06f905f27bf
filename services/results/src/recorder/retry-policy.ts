import { ERROR_CATALOGUE, type ErrorCode } from "@axial/contracts";

/** Failed attempts after which a task is dead. */
export const MAX_ATTEMPTS = 5;
/** Past attempts that a task remembers. */
export const MAX_HISTORY = 20;

/** The longest pause between attempts after a transient fault, so that work resumes soon. */
export const PASSING_CEILING_MS = 5_000;
/** A task that takes this many engines down alone is poison. */
const MAX_CRASHES_ALONE = 2;

/** Not the task's fault: such an attempt is not counted against it. */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set([
  "shutting-down",
  "queue-lost",
  "storage-unavailable",
  // A rollout of models that has reached workers, and not yet this replica.
  "package-missing",
  "withdrawn",
]);
/** Whatever was in the engine failed with it, guilty or not. */
const CRASHES: ReadonlySet<ErrorCode> = new Set(["engine-crashed", "engine-hung"]);

/** What the recorder knows about a task when an attempt fails. */
interface FailedAttempt {
  readonly code: ErrorCode;
  /** Failures that were counted before this one. */
  readonly failures: number;
  /** Engines that the task took down alone, this attempt included. */
  readonly crashesAlone: number;
  /** This attempt did. */
  readonly alone: boolean;
}

/** The effect of a failed attempt on its task. */
interface RetryDecision {
  /** Failures that count, this one included where it does. */
  readonly failures: number;
  /** No further attempt can help. */
  readonly final: boolean;
}

/**
 * A crash while several tasks run counts against none of them: each runs alone the next time, and a
 * crash alone counts. A task dies when the error says that no attempt can help, when enough
 * attempts have failed, or when the task took a second engine down alone.
 */
export function decideRetry({ code, failures, crashesAlone, alone }: FailedAttempt): RetryDecision {
  const blameless = BLAMELESS.has(code) || (CRASHES.has(code) && !alone);
  const counted = failures + (blameless ? 0 : 1);
  const spent = counted >= MAX_ATTEMPTS || crashesAlone >= MAX_CRASHES_ALONE;
  return { failures: counted, final: !ERROR_CATALOGUE[code].retryable || (spent && !blameless) };
}

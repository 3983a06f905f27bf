import { ERROR_CATALOGUE, type ErrorCode } from "@axial/contracts";

/** Failed attempts after which a task is dead. */
export const MAX_ATTEMPTS = 5;
/** Doubles with each failure, up to the ceiling. */
export const BACKOFF_BASE_MS = 1_000;
export const BACKOFF_CEILING_MS = 60_000;
/** Past attempts that a task remembers. */
export const MAX_HISTORY = 20;

/** Nobody's fault but the operator's: such an attempt is not counted against the task. */
const BLAMELESS: ReadonlySet<ErrorCode> = new Set(["shutting-down", "queue-lost"]);

export function isBlameless(code: ErrorCode): boolean {
  return BLAMELESS.has(code);
}

/** What the recorder knows of a task when an attempt at it failed. */
export interface FailedAttempt {
  readonly code: ErrorCode;
  /** Failures including this one. */
  readonly failures: number;
  /** The task had an engine crash before, and this attempt ran alone. */
  readonly wasAlone: boolean;
  /** This attempt took an engine down. */
  readonly crashed: boolean;
}

/**
 * True when no further attempt can help: the error says so, enough attempts have failed, or the
 * task took an engine down a second time, alone: then it is the task that is poison.
 */
export function isFinal(attempt: FailedAttempt): boolean {
  if (!ERROR_CATALOGUE[attempt.code].retryable) return true;
  return attempt.failures >= MAX_ATTEMPTS || (attempt.crashed && attempt.wasAlone);
}

/**
 * Milliseconds until the next attempt: exponential in the failures, with "equal jitter", so that
 * what failed together does not come back together and yet never at once.
 */
export function backoffMs(failures: number, random: () => number): number {
  const full = Math.min(BACKOFF_CEILING_MS, BACKOFF_BASE_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + random() * (full / 2));
}

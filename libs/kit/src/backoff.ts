/** Doubles with each failure, up to the ceiling. */
export const BACKOFF_BASE_MS = 1_000;
export const BACKOFF_CEILING_MS = 60_000;

/**
 * Milliseconds until the next attempt: exponential in the failures, with "equal jitter", so that
 * what failed together does not come back together and yet never at once.
 */
export function backoffMs(
  failures: number,
  random: () => number,
  ceilingMs: number = BACKOFF_CEILING_MS,
): number {
  const full = Math.min(ceilingMs, BACKOFF_BASE_MS * 2 ** Math.max(0, failures - 1));
  return Math.round(full / 2 + random() * (full / 2));
}

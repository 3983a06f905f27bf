/** Upper bounds of the buckets that results are counted in, in seconds: 1/8 s doubled to 36 hours. */
export const LATENCY_BOUNDS: readonly number[] = Array.from({ length: 21 }, (_, k) => 2 ** (k - 3));

/**
 * The `share` quantile in seconds, interpolated within its bucket, of counts per bucket: one for
 * each bound and a last one for what is beyond. Returns null without any.
 */
export function latencyQuantile(counts: readonly number[], share: number): number | null {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let before = 0;
  for (const [bucket, count] of counts.entries()) {
    const wanted = share * total - before;
    if (wanted <= count && count > 0) return within(bucket, wanted / count);
    before += count;
  }
  return lastBound();
}

/** A place within a bucket; one without an upper bound has its lower one. */
function within(bucket: number, share: number): number {
  const low = LATENCY_BOUNDS[bucket - 1] ?? 0;
  const high = LATENCY_BOUNDS[bucket] ?? lastBound();
  return low + (high - low) * share;
}

function lastBound(): number {
  return LATENCY_BOUNDS.at(-1) ?? 0;
}

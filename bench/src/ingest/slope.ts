/** Resident set of the gateway after so many bytes were received. */
export interface MemorySample {
  readonly received: number;
  readonly resident: number;
}

/** Slope of the least-squares line through the samples, in megabytes per gigabyte. */
export function slopePerGigabyte(samples: readonly MemorySample[]): number {
  const n = samples.length;
  if (n < 2) return 0;
  const meanX = samples.reduce((sum, { received }) => sum + received, 0) / n;
  const meanY = samples.reduce((sum, { resident }) => sum + resident, 0) / n;
  let covariance = 0;
  let variance = 0;
  for (const { received, resident } of samples) {
    covariance += (received - meanX) * (resident - meanY);
    variance += (received - meanX) ** 2;
  }
  return variance === 0 ? 0 : (covariance / variance) * 1_000;
}

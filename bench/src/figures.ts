/** Options of every bench. */
export interface BenchOptions {
  /** Tiny sizes: shows that the bench works, its figures mean nothing. */
  readonly quick: boolean;
  /** How many studies, where a bench asks for it. */
  readonly studies?: number | undefined;
  /** Execution providers in order, separated by commas, where a bench asks for them. */
  readonly providers?: string | undefined;
  /** Over how many gigabytes memory is watched, where a bench does. */
  readonly gigabytes?: string | undefined;
}

export function median(values: readonly number[]): number {
  return quantile(values, 0.5);
}

/** The smallest value that at least the share `q` of the values does not exceed. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(sorted.length * q) - 1)] ?? Number.NaN;
}

export function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** p50, p95 and p99 of milliseconds. */
export function quantiles(values: readonly number[]) {
  return {
    p50: rounded(quantile(values, 0.5), 1),
    p95: rounded(quantile(values, 0.95), 1),
    p99: rounded(quantile(values, 0.99), 1),
  };
}

/** The least size that a caller can use, in rows and columns. */
export interface LeastSize {
  readonly rows: number;
  readonly columns: number;
}

/**
 * How often a frame may be halved, of `levels` times that its codestream allows, and still have the
 * least size. Sizes of lower resolutions are rounded up (ISO 15444-1 B.5).
 */
export function halvings(full: LeastSize, least: LeastSize, levels: number): number {
  let halved = 0;
  for (;;) {
    const next = sizeAt(full, halved + 1);
    if (halved >= levels || next.rows < least.rows || next.columns < least.columns) return halved;
    halved += 1;
  }
}

/** The size of a frame that was halved so often. */
export function sizeAt({ rows, columns }: LeastSize, halved: number): LeastSize {
  return { rows: Math.ceil(rows / 2 ** halved), columns: Math.ceil(columns / 2 ** halved) };
}

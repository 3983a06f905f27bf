/** What a check found. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** It is no problem, and not as it should be where Axial is meant to run. */
  readonly warning?: boolean;
  /** What to do about a failed check or a warning. */
  readonly action?: string;
}

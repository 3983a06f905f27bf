/** What a check found. */
export interface Finding {
  readonly check: string;
  readonly ok: boolean;
  readonly found: string;
  /** What to do about a failed check. */
  readonly action?: string;
}

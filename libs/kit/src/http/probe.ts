/** One condition of readiness. */
export interface Probe {
  readonly name: string;
  /** Rejects with the reason when the service cannot do its work. */
  check(): Promise<void>;
  /**
   * False for a dependency that the service can do without for a while: it is then degraded but
   * ready.
   */
  readonly needed?: boolean;
  /** A note for operators although the check passes, or null. */
  note?(): string | null;
}

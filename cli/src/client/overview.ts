/** `GET /api/v1/overview`, as far as commands read it. */
export interface Overview {
  readonly at: string;
  readonly version: string;
  readonly lanes: readonly {
    readonly lane: string;
    readonly workers: number;
    readonly capacity: number;
    /** Tasks that live workers hold. */
    readonly running: number;
    readonly oldestSeconds: number;
  }[];
  readonly queue: {
    readonly refuses: string | null;
    readonly memory: {
      readonly usedBytes: number;
      readonly limitBytes: number;
      readonly policy: string;
      readonly evicts: boolean;
    } | null;
  };
  readonly intake: readonly {
    readonly what: string;
    readonly share: number;
    readonly near: boolean;
    readonly closed: readonly string[];
    readonly disk: { readonly sizeBytes: number; readonly freeBytes: number } | null;
  }[];
  readonly lastBackup: string | null;
  readonly outstanding: readonly {
    readonly lane: string;
    readonly model: string;
    readonly pending: number;
    readonly active: number;
  }[];
  readonly workers: readonly {
    readonly id: string;
    readonly pool: string;
    readonly provider: string;
    readonly capacity: number;
    readonly version: string | null;
    readonly clockSkewSeconds: number;
  }[];
  readonly throughput: readonly { readonly minute: string; readonly predictions: number }[];
  readonly dead: number;
  readonly deadByCode: readonly { readonly code: string; readonly tasks: number }[];
}

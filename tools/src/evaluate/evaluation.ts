import type { Evidence, ModelReference } from "@axial/contracts";
import type { DeletionTest } from "./deletion-test.ts";
import type { Intervals } from "./intervals.ts";
import type { Scores } from "./scores.ts";

/** Scores with how far chance may have moved them. */
export interface Measured extends Scores {
  readonly intervals: Intervals;
}

/** Figures of the first head, and of every head and marginal by name. */
export interface Evaluation extends Measured {
  readonly model: { readonly id: string; readonly version: string; readonly evidence: Evidence };
  readonly provider: string;
  readonly heads: Readonly<Record<string, Measured>>;
  readonly marginals: Readonly<Record<string, Measured>>;
  /** Null where it was not asked for. */
  readonly explanation: DeletionTest | null;
  /** Images beyond the model's domain threshold; null for a model without one. */
  readonly outOfDomain: { readonly count: number; readonly share: number } | null;
  /** What drift is compared with; null where it was not asked for. */
  readonly reference: ModelReference | null;
  /** Images that could not be decoded; excluded from all other figures. */
  readonly skipped: readonly { readonly file: string; readonly code: string }[];
}

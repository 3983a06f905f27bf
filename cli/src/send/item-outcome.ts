import type { LeftOutState } from "../files/left-out.ts";

/**
 * `new`: stored by this transfer. `known`: the server had it. `refused`: it will not take it.
 * `failed`: it could not be sent, and another try may help.
 */
export type ItemState = "new" | "known" | "refused" | "failed" | LeftOutState;

/** States after which something is missing on the server. */
export const TROUBLE: readonly ItemState[] = ["refused", "failed", "unreadable"];

/** What became of an item. */
export interface ItemOutcome {
  readonly state: ItemState;
  readonly code: string | null;
  /** SHA-256 of the instance; null where none was read. */
  readonly hash: string | null;
  /** Study Instance UID. */
  readonly study: string | null;
  /** SOP Instance UID. */
  readonly instance: string | null;
}

/** An outcome without an instance. */
export function withoutInstance(state: ItemState, code: string): ItemOutcome {
  return { state, code, hash: null, study: null, instance: null };
}

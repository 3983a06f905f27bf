import type { Failure } from "@axial/contracts";

/** Thread to pool: `ready` once, then one answer for each command. */
export type ThreadAnswer<Result> =
  | { readonly status: "ready" }
  | { readonly status: "done"; readonly result: Result }
  | { readonly status: "failed"; readonly failure: Failure };

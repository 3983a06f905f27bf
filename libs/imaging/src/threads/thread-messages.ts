import type { Failure } from "@axial/contracts";

/** Pool to thread. */
export interface ThreadCommand<Command> {
  readonly id: number;
  readonly command: Command;
}

/** Thread to pool: `ready` once, then one answer for each command, in their order. */
export type ThreadAnswer<Result> =
  | { readonly status: "ready" }
  | { readonly status: "done"; readonly id: number; readonly result: Result }
  | { readonly status: "failed"; readonly id: number; readonly failure: Failure };

/** What a thread is started with. */
export interface ThreadData {
  readonly setup: unknown;
  /** Shared with the pool: the command at work and its step, so that a hang can be blamed. */
  readonly progress: Int32Array;
}

export const PROGRESS = { command: 0, step: 1 } as const;
/** No command is at work. */
export const IDLE = -1;

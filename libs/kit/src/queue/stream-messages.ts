import type { NewJob, TakenJob } from "./jobs.ts";

/** A message to be appended. Appending does not look whether its id is there already. */
export type NewMessage = NewJob;

/** A message of a stream; `data` is not checked. */
export type Message = Pick<TakenJob, "id" | "data">;

export interface ReadOptions {
  /** Handlers that may run at the same time in this process. */
  readonly concurrency: number;
}

/** Reads a stream until closed. */
export interface Reading {
  /** Takes no new messages and resolves once the running handlers have ended. */
  close(): Promise<void>;
}

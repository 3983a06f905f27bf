import type { Transferable } from "node:worker_threads";
import { lowerOwnPriority } from "./lower-own-priority.ts";
import { serveThread } from "./thread-server.ts";

/** What a thread of `TenantThreads` does with a command. */
export interface TenantWork<Command, Result> {
  run(command: Command): Promise<Result>;
  /** Memory of the result that is moved to the pool instead of copied. */
  moved?(result: Result): Transferable[];
}

/**
 * Answers the commands of `TenantThreads`, behind the threads that answer others; the script of a
 * thread ends with this call.
 */
export function serveTenants<Command, Result>(work: TenantWork<Command, Result>): void {
  lowerOwnPriority();
  serveThread<Command, Result, undefined>({ ahead: () => undefined, ...work });
}

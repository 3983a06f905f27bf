import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";
import type { Transferable } from "node:worker_threads";
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

/**
 * Puts the calling thread behind the threads that answer others: work that one sender's file asks
 * for gets the time that event loops leave. Linux has priorities by thread; elsewhere nothing
 * changes.
 */
function lowerOwnPriority(): void {
  if (process.platform !== "linux") return;
  const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
}

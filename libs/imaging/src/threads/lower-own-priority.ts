import { readlinkSync } from "node:fs";
import { constants, setPriority } from "node:os";

/**
 * Puts the calling thread behind the threads that answer others: work that one sender's file asks
 * for gets the time that event loops leave. Linux has priorities by thread; elsewhere nothing
 * changes.
 */
export function lowerOwnPriority(): void {
  if (process.platform !== "linux") return;
  const thread = Number(readlinkSync("/proc/thread-self").split("/").at(-1));
  setPriority(thread, constants.priority.PRIORITY_BELOW_NORMAL);
}

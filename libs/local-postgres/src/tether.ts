import { type ChildProcess, spawn } from "node:child_process";

/** Waits for the other end of its standard input to close, then sends a signal. */
const WATCH = 'cat >/dev/null; kill -s "$1" "$2" 2>/dev/null';

/**
 * Ends `child` by `signal` when this process is gone, however it ended. A program that is not ours
 * cannot watch its starter: a shell holds a pipe to this process, which the system closes at its
 * end. It has a process group of its own, so that Ctrl-C and a kill of our group pass it by.
 */
export function tether(child: ChildProcess, signal: "INT" | "TERM" | "KILL" = "TERM"): void {
  if (child.pid === undefined) return;
  const watch = spawn("sh", ["-c", WATCH, "tether", signal, String(child.pid)], {
    stdio: ["pipe", "ignore", "ignore"],
    detached: true,
  });
  watch.unref();
  // A child that has ended needs no watch, and its id may become another's.
  child.once("exit", () => killGroup(watch));
}

/** The shell and its `cat`; gone already where this process is ending too. */
function killGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, "SIGKILL");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

import { execFileSync } from "node:child_process";

interface ListedProcess {
  readonly pid: number;
  readonly parent: number;
  /** Ended, and not yet asked for by its parent. */
  readonly zombie: boolean;
}

function listed(): ListedProcess[] {
  const listing = execFileSync("ps", ["-A", "-o", "pid=,ppid=,stat="], { encoding: "utf8" });
  return listing
    .trim()
    .split("\n")
    .map((line) => line.trim().split(/\s+/))
    .map(([pid, parent, state]) => ({
      pid: Number(pid),
      parent: Number(parent),
      zombie: state?.startsWith("Z") ?? false,
    }));
}

/** Process ids of the children of `pid`. */
export function childrenOf(pid: number): number[] {
  return listed()
    .filter(({ parent }) => parent === pid)
    .map((child) => child.pid);
}

/** Process ids of the children of `pid`, of theirs, and so on. */
export function descendantsOf(pid: number): number[] {
  const all = listed();
  const found = [pid];
  for (const one of found) {
    found.push(...all.filter(({ parent }) => parent === one).map((child) => child.pid));
  }
  return found.slice(1);
}

/** Those of `pids` that still run. */
export function runningOf(pids: readonly number[]): number[] {
  const running = listed().filter(({ zombie }) => !zombie);
  return pids.filter((pid) => running.some((one) => one.pid === pid));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** SIGKILL, for what may have ended by itself. */
export function killIfAlive(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It did.
  }
}

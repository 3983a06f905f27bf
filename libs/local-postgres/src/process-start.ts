import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { platform } from "node:os";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Fields of /proc/PID/stat after the name, which may hold anything. */
const STATE = 0;
const START = 19;

/**
 * When a process started, as the system writes it, or null when it no longer exists. PID and start
 * time together identify a process; the PID alone may be reused.
 */
export async function processStart(pid: number): Promise<string | null> {
  return platform() === "linux" ? fromProc(pid) : fromPs(pid);
}

async function fromProc(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[STATE] === "Z" ? null : (fields[START] ?? null);
}

async function fromPs(pid: number): Promise<string | null> {
  const listed = run("ps", ["-o", "lstart=", "-p", String(pid)]).catch(() => null);
  return (await listed)?.stdout.trim() || null;
}

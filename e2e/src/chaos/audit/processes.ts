import { existsSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { MARKER, type Stack } from "../stack/stack.ts";

/** Only Linux shows the environment of other processes. */
const SHOWS_PROCESSES = existsSync("/proc/self/environ");

/** The processes of this run that live, with the kilobytes that each has in memory. */
export function livingProcesses({ marker }: Stack): Promise<Map<number, number>> {
  return processesWith(MARKER, marker);
}

/** Those that have `value` in variable `name` of their environment, with the same of each. */
export async function processesWith(name: string, value: string): Promise<Map<number, number>> {
  const living = new Map<number, number>();
  if (!SHOWS_PROCESSES) return living;
  for (const pid of await readdir("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    const [environment, status] = await Promise.all(
      ["environ", "status"].map((file) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "")),
    );
    if (environment?.split("\0").includes(`${name}=${value}`)) {
      living.set(Number(pid), Number(/^VmRSS:\s+(\d+)/m.exec(status ?? "")?.[1] ?? 0));
    }
  }
  return living;
}

/** Orphans: neither a service nor the engine of one. */
export async function orphans(stack: Stack): Promise<number[]> {
  const kept = Object.values(stack.services).flat();
  const known = new Set(kept.flatMap((one) => [one.pid, ...one.children]));
  return [...(await livingProcesses(stack)).keys()].filter((pid) => !known.has(pid));
}

/** Memory of all processes together, in megabytes. */
export async function residentMegabytes(stack: Stack): Promise<number> {
  const sizes = [...(await livingProcesses(stack)).values()];
  return Math.round(sizes.reduce((sum, kilobytes) => sum + kilobytes, 0) / 1_024);
}

import { readFile } from "node:fs/promises";

/** Kernel clock ticks per second, of /proc/PID/stat. */
const TICKS = 100;

/**
 * CPU seconds that a process and its descendants have used, ended ones included; 0 where there is
 * no /proc. On a shared machine this says more than the clock does.
 */
export async function cpuOfTree(pid: number): Promise<number> {
  const fields = (await text(`/proc/${pid}/stat`)).replace(/^.*\) /s, "").split(" ");
  const own = fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS;
  const children = (await text(`/proc/${pid}/task/${pid}/children`)).split(" ").filter(Boolean);
  const theirs = await Promise.all(children.map((child) => cpuOfTree(Number(child))));
  return theirs.reduce((sum, seconds) => sum + seconds, own);
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

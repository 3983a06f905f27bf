import { readFile } from "node:fs/promises";

/** Megabytes of memory that a process and its descendants hold; 0 where there is no /proc. */
export async function residentOfTree(pid: number): Promise<number> {
  const status = await text(`/proc/${pid}/status`);
  const own = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) / 1_024;
  const children = (await text(`/proc/${pid}/task/${pid}/children`)).split(" ").filter(Boolean);
  const theirs = await Promise.all(children.map((child) => residentOfTree(Number(child))));
  return theirs.reduce((sum, megabytes) => sum + megabytes, own);
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

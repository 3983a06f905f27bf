import { readFile } from "node:fs/promises";

const PAGE = 4_096;

/** Resident memory of a process and its descendants, from /proc; pages they share count twice. */
export async function residentBytesOf(pid: number): Promise<{ processes: number; bytes: number }> {
  const pages = Number((await text(`/proc/${pid}/statm`)).split(" ")[1] ?? 0);
  const children = (await text(`/proc/${pid}/task/${pid}/children`)).split(" ").filter(Boolean);
  const theirs = await Promise.all(children.map((child) => residentBytesOf(Number(child))));
  return theirs.reduce(
    (sum, one) => ({ processes: sum.processes + one.processes, bytes: sum.bytes + one.bytes }),
    { processes: 1, bytes: pages * PAGE },
  );
}

function text(path: string): Promise<string> {
  return readFile(path, "utf8").catch(() => "");
}

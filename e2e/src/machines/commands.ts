import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);

/** Runs `ip` with arguments separated by spaces. Returns its output. */
export async function ip(words: string): Promise<string> {
  return (await run("ip", words.split(" "))).stdout;
}

/** The same with `tc`, which shapes what leaves an interface. */
export async function tc(words: string): Promise<string> {
  return (await run("tc", words.split(" "))).stdout;
}

export async function mountTmpfs(folder: string): Promise<void> {
  await run("mount", ["-t", "tmpfs", "axial-machines", folder]);
}

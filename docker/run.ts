import { execFileSync, spawnSync } from "node:child_process";

export interface RunOptions {
  readonly cwd?: string;
  /** Added to this process's environment. */
  readonly env?: NodeJS.ProcessEnv;
}

/** Runs a command with its output on this terminal; throws when it fails. */
export function run(command: string, args: readonly string[], options: RunOptions = {}): void {
  execFileSync(command, args, {
    ...spawnOptions(options),
    stdio: ["ignore", "inherit", "inherit"],
  });
}

/** What the command writes to stdout; throws when it fails. */
export function outputOf(command: string, args: readonly string[], options?: RunOptions): string {
  return execFileSync(command, args, {
    ...spawnOptions(options),
    encoding: "utf8",
    maxBuffer: 1 << 28,
    stdio: ["ignore", "pipe", "inherit"],
  }).trim();
}

/** Whether the command exists and succeeds. */
export function answers(command: string, args: readonly string[]): boolean {
  return spawnSync(command, args, { stdio: "ignore" }).status === 0;
}

function spawnOptions({ cwd, env }: RunOptions = {}) {
  return { ...(cwd === undefined ? {} : { cwd }), env: { ...process.env, ...env } };
}

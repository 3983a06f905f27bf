import { spawn } from "node:child_process";

/** Of what a command wrote, in the message of its failure: the end of it. */
const MAX_ERROR_CHARACTERS = 20_000;

export interface CommandOptions {
  readonly env?: NodeJS.ProcessEnv;
  /** Written to the command's stdin. */
  readonly input?: string;
  /** Given up after it, for what may hang. */
  readonly timeoutMs?: number;
}

export interface CommandOutput {
  readonly stdout: string;
  readonly stderr: string;
}

/** A command's output; rejects with what it wrote to stderr when it fails. */
export async function runCommand(
  program: string,
  args: readonly string[],
  { env, input, timeoutMs }: CommandOptions = {},
): Promise<CommandOutput> {
  const child = spawn(program, [...args], {
    env: env ?? process.env,
    ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    output.stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    output.stderr += text;
  });
  // A command that ends without reading its input is judged by its status.
  child.stdin.on("error", () => {});
  child.stdin.end(input);
  const status = await new Promise<number | null>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", resolve);
  });
  if (status === 0) return output;
  const shown = [program, ...args].join(" ").slice(0, 200);
  throw new Error(
    `${shown}: ${(output.stderr || output.stdout).trim().slice(-MAX_ERROR_CHARACTERS)}`,
  );
}

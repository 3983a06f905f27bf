import { type ChildProcess, spawn } from "node:child_process";

interface TestCommand {
  readonly script: string;
  readonly args?: readonly string[];
  readonly environment?: NodeJS.ProcessEnv;
}

/** A process of the system under test, with everything that it wrote. */
export class TestProcess {
  readonly name: string;
  readonly #child: ChildProcess;
  readonly #chunks: string[] = [];

  constructor(name: string, { script, args = [], environment = {} }: TestCommand) {
    this.name = name;
    this.#child = spawn(process.execPath, [script, ...args], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    this.#child.stdout?.on("data", (chunk: Buffer) => this.#chunks.push(chunk.toString()));
    this.#child.stderr?.on("data", (chunk: Buffer) => this.#chunks.push(chunk.toString()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get output(): string {
    return this.#chunks.join("");
  }

  /** Sends `signal` and resolves with the exit code, or with the signal that ended it. */
  async end(signal: NodeJS.Signals): Promise<number | NodeJS.Signals | null> {
    if (this.#child.exitCode !== null) return this.#child.exitCode;
    if (this.#child.signalCode !== null) return this.#child.signalCode;
    const ended = new Promise<number | NodeJS.Signals | null>((resolve) =>
      this.#child.once("exit", (code, by) => resolve(code ?? by)),
    );
    this.#child.kill(signal);
    return ended;
  }
}

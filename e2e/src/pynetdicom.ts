import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const PYTHON = process.env.AXIAL_TEST_PYTHON ?? "python3";

/** A peer by pynetdicom that runs until it is stopped. */
export interface PynetdicomPeer {
  /** What it has said so far, a JSON value for each line. */
  readonly said: readonly Readonly<Record<string, unknown>>[];
  /** What went wrong in it. */
  readonly errors: string;
  readonly ended: Promise<unknown>;
  stop(): Promise<void>;
}

/** Starts one of the scripts in `test/support/pynetdicom`. */
export function startPynetdicom(script: string, args: readonly string[]): PynetdicomPeer {
  const path = fileURLToPath(new URL(`../test/support/pynetdicom/${script}`, import.meta.url));
  const child: ChildProcess = spawn(PYTHON, [path, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "";
  let errors = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr?.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const ended = once(child, "close");
  return {
    get said() {
      const lines = out.split("\n").slice(0, -1);
      return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
    },
    get errors() {
      return errors;
    },
    ended,
    stop: async () => {
      child.kill("SIGTERM");
      await ended;
    },
  };
}

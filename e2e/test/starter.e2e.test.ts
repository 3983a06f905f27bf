import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually, TINY_MODELS } from "@axial/testkit";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { descendantsOf, runningOf } from "../src/child-processes.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
/** A start, or an end, that takes longer hangs. */
const WITHIN_MS = 120_000;

/** The ways to start it that put a process of npm between. */
const STARTERS = {
  "npx axial": ["npx", "axial"],
  "npm run axial --": ["npm", "run", "axial", "--"],
} as const;

describe("what Axial starts ends with its starter", () => {
  let folder: string;
  let starter: ChildProcess | undefined;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "axial-e2e-starter-"));
  });
  afterEach(async () => {
    starter?.kill("SIGKILL");
    await rm(folder, { recursive: true, force: true });
  });

  /** `axial up`, ready; returns every process that came of it, the starter left out. */
  async function up([program, ...args]: readonly [string, ...string[]]): Promise<number[]> {
    const child = spawn(program, [...args, "up", "--port", "0", "--data", folder], {
      cwd: ROOT,
      env: { ...process.env, AXIAL_MODELS_DIR: TINY_MODELS },
      stdio: ["ignore", "pipe", "pipe"],
    });
    starter = child;
    let said = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Buffer) => {
        said += chunk.toString();
      });
    }
    await eventually(
      "axial up is ready",
      () => {
        if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`);
        return said.includes("ready http");
      },
      WITHIN_MS,
    );
    return eventually(
      "a worker, its engine and PostgreSQL run",
      () => {
        const all = descendantsOf(child.pid ?? 0);
        return all.length >= 6 ? all : undefined;
      },
      WITHIN_MS,
    );
  }

  const gone = (processes: readonly number[]) =>
    eventually("every process has ended", () => runningOf(processes).length === 0, WITHIN_MS);

  for (const [name, command] of Object.entries(STARTERS)) {
    for (const signal of ["SIGTERM", "SIGKILL"] as const) {
      it(`${signal} to ${name}`, async () => {
        const processes = await up(command);
        starter?.kill(signal);
        await expect(gone(processes)).resolves.toBe(true);
      });
    }
  }

  it("SIGKILL to the process that serves", async () => {
    const processes = await up([process.execPath, join(ROOT, "cli/src/main.ts")]);
    starter?.kill("SIGKILL");
    await expect(gone(processes)).resolves.toBe(true);
  });
});

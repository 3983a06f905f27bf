import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { copyCluster, eventually, TINY_MODELS } from "@axial/testkit";

const CLI = fileURLToPath(new URL("../../cli/src/main.ts", import.meta.url));
/** A start that takes longer hangs. */
const READY_WITHIN_MS = 170_000;
/** Of its log, what a failed start prints. */
const COMPLAINT_CHARACTERS = 4_000;

/** Axial as `axial up` starts it: everything behind one address. */
export interface OneMachine {
  readonly url: string;
  readonly key: string;
  stop(): Promise<void>;
}

interface OneMachineOptions {
  /** A data folder that stays; without it an empty one, which goes at the end. */
  readonly data?: string;
  readonly environment?: NodeJS.ProcessEnv;
  /** Options of `axial up`. */
  readonly args?: readonly string[];
}

/** Starts it on a free port, with the tiny test model unless told. */
export async function startOneMachine(
  models: string = TINY_MODELS,
  options: OneMachineOptions = {},
): Promise<OneMachine> {
  const key = "axial_test_key_0123456789abcdef0123456789";
  const folder = options.data ?? (await mkdtemp(join(tmpdir(), "axial-e2e-up-")));
  if (options.data === undefined) {
    await chmod(folder, 0o755);
    await copyCluster(folder);
  }
  const child = spawn(
    process.execPath,
    [CLI, "up", "--port", "0", "--data", folder, ...(options.args ?? [])],
    {
      env: {
        ...process.env,
        AXIAL_ADMIN_KEY: key,
        AXIAL_MODELS_DIR: models,
        ...options.environment,
      },
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    },
  );
  let said = "";
  child.stdout?.on("data", (chunk: Buffer) => {
    said += chunk.toString();
  });
  let complained = "";
  child.stderr?.on("data", (chunk: Buffer) => {
    complained = (complained + chunk.toString()).slice(-COMPLAINT_CHARACTERS);
  });
  const stop = async (): Promise<void> => {
    const ended = child.exitCode === null ? once(child, "exit") : null;
    child.kill("SIGTERM");
    await ended;
    if (options.data === undefined) await rm(folder, { recursive: true, force: true });
  };
  const url = await eventually(
    "axial up is ready",
    () => {
      if (child.exitCode !== null) throw new Error(`axial up ended: ${complained}`);
      return /^ready (http\S+)$/m.exec(said)?.[1];
    },
    READY_WITHIN_MS,
  ).catch(async (error: Error) => {
    await stop();
    throw error;
  });
  return { url, key, stop };
}

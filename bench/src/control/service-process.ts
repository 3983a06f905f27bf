import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { freePort } from "@axial/local-postgres";
import { residentOfTree } from "../backfill/resident-of-tree.ts";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";

const OUTCOME_KEY = randomBytes(24).toString("hex");
const START_TIMEOUT_MS = 120_000;

interface ServiceProcess {
  readonly port: number;
  /** CPU seconds so far, with its children. */
  cpu(): Promise<number>;
  /** Megabytes of memory, with its children. */
  residentMb(): Promise<number>;
  stop(): Promise<void>;
}

/** Starts one of Axial's services as a process of its own and waits until it is ready. */
export async function startService(
  name: "gateway" | "results" | "worker",
  env: Readonly<Record<string, string>>,
): Promise<ServiceProcess> {
  const port = await freePort();
  const main = fileURLToPath(import.meta.resolve(`@axial/${name}/main`));
  const child = spawn(process.execPath, [main], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      ...process.env,
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(port),
      AXIAL_WORKER_PORT: String(port),
      AXIAL_LOG_LEVEL: "error",
      AXIAL_OUTCOME_KEYS: OUTCOME_KEY,
      ...env,
    },
  });
  await untilReady(`http://127.0.0.1:${port}/readyz`, child, name);
  const pid = child.pid ?? 0;
  return {
    port,
    cpu: () => cpuOfTree(pid),
    residentMb: () => residentOfTree(pid),
    stop: () => stopProcess(child),
  };
}

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

async function untilReady(url: string, child: ChildProcess, name: string): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(url).catch(() => null);
    if (ready?.ok) return;
    if (child.exitCode !== null) throw new Error(`${name} ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error(`${name} was not ready in time`);
    await delay(100);
  }
}

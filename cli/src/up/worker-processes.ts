import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { Logger } from "@axial/kit";
import type { Hosted } from "@axial/service";

const WORKER_MAIN = fileURLToPath(import.meta.resolve("@axial/worker/main"));
/** A worker that keeps dying is restarted at most this often. */
const RESTART_DELAY_MS = 1_000;
/** Longer than a worker's own shutdown deadline. */
const STOP_TIMEOUT_MS = 40_000;

/**
 * Keeps `count` worker processes running. Each is in a process group of its own: a Ctrl-C in the
 * terminal reaches the process that hosts them, which stops them in order. They end with it.
 */
export function keepWorkers(count: number, environment: NodeJS.ProcessEnv, logger: Logger): Hosted {
  let stopping = false;
  const children = new Map<number, ChildProcess>();
  const start = (index: number): void => {
    const child = spawn(process.execPath, [WORKER_MAIN], {
      env: { ...environment, AXIAL_WORKER_PORT: "0" },
      stdio: ["ignore", 2, 2, "ipc"],
      detached: true,
    });
    children.set(index, child);
    child.once("exit", (code, signal) => {
      children.delete(index);
      if (stopping) return;
      logger.error({ worker: index, code, signal }, "worker exited, starting another");
      setTimeout(() => !stopping && start(index), RESTART_DELAY_MS);
    });
  };
  return {
    name: "workers",
    start: () => {
      for (let index = 0; index < count; index++) start(index);
    },
    close: async () => {
      stopping = true;
      await Promise.all([...children.values()].map(stopChild));
    },
  };
}

async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  child.kill("SIGTERM");
  const deadline = setTimeout(() => child.kill("SIGKILL"), STOP_TIMEOUT_MS);
  await ended;
  clearTimeout(deadline);
}

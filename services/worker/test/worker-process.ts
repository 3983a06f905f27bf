import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { eventually } from "@axial/testkit";

const MAIN = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** What takes longer, even on a machine that much else runs on, will not come. */
export const HANGS_AFTER_MS = 120_000;

interface Readiness {
  readonly status: string;
  readonly failures: readonly { readonly name: string; readonly reason: string }[];
  readonly notes: readonly { readonly name: string; readonly note: string }[];
}

export interface WorkerProcess {
  readonly pid: number;
  /** Process id of the present engine, as the log tells it. */
  enginePid(): number | undefined;
  /** Process ids of all engines that serve. */
  enginePids(): readonly number[];
  /** Body of /readyz. */
  readiness(): Promise<Readiness>;
  metrics(): Promise<string>;
  ready(): Promise<void>;
  signal(signal: NodeJS.Signals): void;
  /** Exit code, or the signal that ended it. */
  readonly exited: Promise<number | NodeJS.Signals>;
  readonly log: readonly string[];
}

/** A worker as a process of its own, as operators run it. */
export async function startWorkerProcess(env: Record<string, string>): Promise<WorkerProcess> {
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      AXIAL_WORKER_THREADS: "1",
      AXIAL_WORKER_DECODE_THREADS: "1",
      // A test of signatures names its key.
      AXIAL_UNSIGNED_OUTCOMES: "on",
      ...env,
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const log: string[] = [];
  let [address, engine]: [string | undefined, number | undefined] = [undefined, undefined];
  let engines: readonly number[] = [];
  createInterface({ input: child.stdout }).on("line", (line) => {
    log.push(line);
    const entry = parse(line);
    if (entry.msg === "worker listens") address = String(entry.address);
    if (entry.msg !== "engine state") return;
    engine = Number(entry.pid) || undefined;
    engines = entry.pids as number[];
  });
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once("exit", (code, signal) => resolve(signal ?? code ?? -1));
  });
  const url = await eventually("the worker listens", () => address, HANGS_AFTER_MS).catch(
    (error: unknown) => {
      child.kill("SIGKILL");
      throw error;
    },
  );
  const get = (path: string) => fetch(`${url}${path}`);
  const readiness = async () => (await (await get("/readyz")).json()) as Readiness;
  return {
    pid: pidOf(child),
    enginePid: () => engine,
    enginePids: () => engines,
    readiness,
    metrics: async () => (await get("/metrics")).text(),
    ready: async () => {
      const isReady = async () => (await readiness()).status === "ok";
      await eventually("the worker is ready", isReady, HANGS_AFTER_MS);
    },
    signal: (signal) => child.kill(signal),
    exited,
    log,
  };
}

function pidOf(child: ChildProcess): number {
  if (child.pid === undefined) throw new Error("the worker did not start");
  return child.pid;
}

function parse(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return {};
  }
}

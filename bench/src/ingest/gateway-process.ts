import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, readFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { freePort } from "@axial/local-postgres";

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const mainOf = (service: string) => path(`../../../services/${service}/src/main.ts`);
/** What runs each: `audited` and `unaudited` are gateways alike but for the audit of stores. */
const ARGUMENTS = {
  gateway: [mainOf("gateway")],
  archive: [mainOf("archive")],
  results: [mainOf("results")],
  audited: [path("./audited-process.ts")],
  unaudited: [path("./audited-process.ts"), "unaudited"],
} as const;
const START_TIMEOUT_MS = 120_000;
/** Kernel clock ticks per second, of /proc/PID/stat. */
const TICKS = 100;
const PAGE_BYTES = 4_096;

/** A gateway, or another service on its database, in a process of its own. */
export interface GatewayProcess {
  readonly pid: number;
  readonly port: number;
  readonly key: string;
  /** Bytes of its resident set. */
  resident(): Promise<number>;
  /** User and system time so far, all threads. */
  cpuSeconds(): Promise<number>;
  stop(): Promise<void>;
}

interface GatewayProcessOptions {
  readonly databaseUrl: string;
  /** Where its blobs go. */
  readonly folder: string;
  /** The gateway when left out. */
  readonly service?: keyof typeof ARGUMENTS;
  /** Its admin key, where it shares the database with another; one of its own when left out. */
  readonly key?: string;
  /** Variables beside those that every gateway needs. */
  readonly environment?: Readonly<Record<string, string>>;
}

/** Starts a gateway and waits until it is ready. */
export async function startGatewayProcess(options: GatewayProcessOptions): Promise<GatewayProcess> {
  await mkdir(options.folder, { recursive: true });
  const port = await freePort();
  const { service = "gateway", key = randomBytes(24).toString("hex") } = options;
  const child = spawn(process.execPath, ARGUMENTS[service], {
    stdio: ["ignore", "ignore", "inherit", "ipc"],
    env: {
      ...process.env,
      AXIAL_DATABASE_URL: options.databaseUrl,
      AXIAL_QUEUE_URL: options.databaseUrl,
      AXIAL_BLOB_URL: pathToFileURL(options.folder).href,
      AXIAL_ADMIN_KEY: key,
      AXIAL_OUTCOME_KEYS: key,
      AXIAL_HOST: "127.0.0.1",
      AXIAL_PORT: String(port),
      AXIAL_LOG_LEVEL: "warn",
      ...options.environment,
    },
  });
  await untilReady(port, child);
  const procFile = (name: string) => readFile(`/proc/${child.pid}/${name}`, "utf8");
  return {
    pid: child.pid ?? 0,
    port,
    key,
    resident: async () => Number((await procFile("statm")).split(" ")[1]) * PAGE_BYTES,
    cpuSeconds: async () => {
      const fields = (await procFile("stat")).replace(/^.*\) /, "").split(" ");
      return (Number(fields[11]) + Number(fields[12])) / TICKS;
    },
    stop: async () => {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill();
      await ended;
    },
  };
}

async function untilReady(port: number, child: ChildProcess): Promise<void> {
  const deadline = Date.now() + START_TIMEOUT_MS;
  for (;;) {
    const ready = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    if (ready?.ok) return;
    if (child.exitCode !== null) throw new Error(`the service ended with ${child.exitCode}`);
    if (Date.now() > deadline) throw new Error("the service was not ready in time");
    await delay(100);
  }
}

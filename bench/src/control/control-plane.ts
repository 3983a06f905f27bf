import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { openBlobStore } from "@axial/blobs";
import type { Lane } from "@axial/contracts";
import { startLocalPostgres } from "@axial/local-postgres";
import { openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { benchFolder } from "../bench-folder.ts";
import { rounded } from "../figures.ts";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";
import type { TaskPlace } from "./pending-tasks.ts";
import { type QueueKind, startQueueServer } from "./queue-server.ts";
import { startService } from "./service-process.ts";
import { copySimulatedModel, SimulatedTasks } from "./simulated-model.ts";
import { type SimulatedWorkers, startSimulatedWorkers } from "./simulated-workers.ts";

/** Results are kept in memory: the cost of a blob store is measured elsewhere. */
const MEMORY = "/dev/shm";
/** A service's event loop delay since its `/metrics` were last read. */
const P99 = /^axial_nodejs_eventloop_lag_p99_seconds(?:\{[^}]*\})? (\S+)$/m;

/** CPU seconds so far, by part; a queue on Postgres is among Postgres' own. */
export interface PlaneCpu {
  readonly gateway: number;
  readonly results: number;
  readonly postgres: number;
  readonly queue: number;
}

/** Gateway and results as processes of their own, a durable Postgres and a queue; no workers. */
export interface ControlPlane extends TaskPlace {
  cpu(): Promise<PlaneCpu>;
  /** Of the event loops, since the last call. */
  eventLoopP99Ms(): Promise<{ readonly gateway: number; readonly results: number }>;
  /** Outstanding work of a lane in seconds of device time, as the autoscaler asks for it. */
  deviceSeconds(lane: Lane): Promise<number>;
  startWorkers(
    options: Omit<SimulatedWorkers, "queueUrl" | "blobUrl" | "modelFolder">,
  ): ReturnType<typeof startSimulatedWorkers>;
  stop(): Promise<void>;
}

export async function startControlPlane(kind: QueueKind): Promise<ControlPlane> {
  const folder = await benchFolder("plane");
  const blobFolder = await mkdtemp(join(existsSync(MEMORY) ? MEMORY : folder, "axial-bench-"));
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const databaseUrl = await postgres.database("axial");
  const queue = await startQueueServer(kind, postgres);
  const db = openDatabase(databaseUrl);
  await migrate(db);
  const blobUrl = pathToFileURL(blobFolder).href;
  const model = await copySimulatedModel();
  const adminKey = randomBytes(24).toString("hex");
  const env = {
    AXIAL_DATABASE_URL: databaseUrl,
    AXIAL_QUEUE_URL: queue.url,
    AXIAL_BLOB_URL: blobUrl,
    AXIAL_MODELS_DIR: model.root,
    AXIAL_ADMIN_KEY: adminKey,
    // Memory holds less than the gateway reserves on a disk.
    AXIAL_RESERVED_DISK_BYTES: "0",
    // Simulated workers sign nothing.
    AXIAL_OUTCOME_KEYS: "",
    AXIAL_UNSIGNED_OUTCOMES: "on",
  };
  const results = await startService("results", env);
  const gateway = await startService("gateway", env);
  return {
    db,
    blobs: openBlobStore(blobUrl),
    tasks: await SimulatedTasks.of(model),
    cpu: async () => ({
      gateway: await gateway.cpu(),
      results: await results.cpu(),
      postgres: await cpuOfTree(postgres.pid),
      queue: await queue.cpu(),
    }),
    eventLoopP99Ms: async () => ({
      gateway: rounded(await eventLoopP99Ms(gateway.port), 1),
      results: rounded(await eventLoopP99Ms(results.port), 1),
    }),
    deviceSeconds: async (lane) => {
      const url = `http://127.0.0.1:${results.port}/scaling/${lane}`;
      const answer = await fetch(url, { headers: { authorization: `Bearer ${adminKey}` } });
      return ((await answer.json()) as { deviceSeconds: number }).deviceSeconds;
    },
    startWorkers: (options) =>
      startSimulatedWorkers({
        ...options,
        queueUrl: queue.url,
        blobUrl,
        modelFolder: model.folder,
      }),
    stop: async () => {
      await gateway.stop();
      await results.stop();
      await db.destroy();
      await queue.stop();
      await postgres.stop();
      await model.remove();
      await rm(blobFolder, { recursive: true, force: true });
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** 99th percentile of the event loop's delay since the last call, in milliseconds. */
export async function eventLoopP99Ms(port: number): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${port}/metrics`);
  const seconds = P99.exec(await response.text())?.[1];
  return Number(seconds ?? Number.NaN) * 1_000;
}

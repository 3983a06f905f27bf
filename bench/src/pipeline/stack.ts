import { type ChildProcess, spawn } from "node:child_process";
import { cp, mkdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import { createGateway } from "@axial/gateway";
import { createLogger, createMetrics, openQueues } from "@axial/kit";
import { startLocalPostgres } from "@axial/local-postgres";
import { listen } from "@axial/postgres";
import { createResults } from "@axial/results";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";

import { cpuOfTree } from "./cpu-of-tree.ts";

const WORKER = fileURLToPath(import.meta.resolve("@axial/worker/main"));
/** How long a lost notification goes unnoticed. */
const LOOK_EVERY_MS = 500;

export interface Stack {
  readonly db: Database;
  readonly databaseUrl: string;
  readonly blobs: BlobStore;
  /** CPU seconds used so far, by part. */
  cpu(): Promise<StackCpu>;
  /** Resolves when there are `predictions` rows. */
  recorded(predictions: number): Promise<void>;
  stop(): Promise<void>;
}

export interface StackCpu {
  readonly worker: number;
  /** Planner, dispatcher and recorder, with this process. */
  readonly control: number;
  readonly postgres: number;
}

export interface StackOptions {
  readonly folder: string;
  /** The one model that is installed. */
  readonly model: string;
  /** Another queue than PostgreSQL. */
  readonly queueUrl?: string;
}

/**
 * Axial as `axial up` runs it: PostgreSQL that syncs its log, planner, dispatcher and recorder in
 * this process, one worker process.
 */
export async function startStack(options: StackOptions): Promise<Stack> {
  const { folder, model } = options;
  const modelsDir = join(folder, "models");
  const id = basename(dirname(model));
  await mkdir(modelsDir, { recursive: true });
  await cp(model, join(modelsDir, id, basename(model)), { recursive: true });
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const databaseUrl = await postgres.database("axial");
  const queueUrl = options.queueUrl ?? databaseUrl;
  const blobUrl = pathToFileURL(join(folder, "blobs")).href;
  const logger = createLogger({ service: "bench", level: "warn", destination: 2 });
  const db = openDatabase(databaseUrl);
  await migrate(db);
  const queues = openQueues(queueUrl, { logger });
  const blobs = openBlobStore(blobUrl);
  const metrics = createMetrics("bench");
  // Nothing comes through a door here: there is no access to record.
  const audit = async () => {};
  const shared = { db, databaseUrl, queues, blobs, blobUrl, metrics, logger, audit, modelsDir };
  const results = createResults(shared);
  const gateway = createGateway(shared);
  results.start();
  await gateway.start();
  const recorded = recordings(db, databaseUrl);
  const worker = await startWorker({ queueUrl, blobUrl, modelsDir });
  return {
    db,
    databaseUrl,
    blobs,
    cpu: async () => ({
      worker: await cpuOfTree(worker.pid ?? 0),
      control: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
      postgres: await cpuOfTree(postgres.pid),
    }),
    recorded: (predictions) => recorded.until(predictions),
    stop: async () => {
      await recorded.close();
      await stopWorker(worker);
      await gateway.close();
      await results.close();
      await queues.close();
      await db.destroy();
      await postgres.stop();
    },
  };
}

/**
 * Counts the notifications of the recorder and looks into the table only when enough have come,
 * so that watching costs the stack next to nothing.
 */
function recordings(db: Database, databaseUrl: string) {
  let [heard, wake]: [number, () => void] = [0, () => {}];
  const listener = listen(databaseUrl, {
    "study-changed": () => {
      heard++;
      wake();
    },
  });
  const until = async (predictions: number): Promise<void> => {
    for (;;) {
      const looked = Date.now();
      if ((await countPredictions(db)) >= predictions) return;
      heard = Math.min(heard, predictions - 1);
      while (heard < predictions && Date.now() - looked < LOOK_EVERY_MS) {
        const woken = new Promise<void>((resolve) => {
          wake = resolve;
        });
        await Promise.race([delay(LOOK_EVERY_MS), woken]);
      }
    }
  };
  return { until, close: () => listener.close() };
}

async function countPredictions(db: Database): Promise<number> {
  const { count } = await db
    .selectFrom("prediction")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Starts a worker and waits until its engine serves. */
async function startWorker(urls: {
  queueUrl: string;
  blobUrl: string;
  modelsDir: string;
}): Promise<ChildProcess> {
  const child = spawn(process.execPath, [WORKER], {
    stdio: ["ignore", "pipe", "inherit", "ipc"],
    env: {
      ...process.env,
      AXIAL_QUEUE_URL: urls.queueUrl,
      AXIAL_UNSIGNED_OUTCOMES: "on",
      AXIAL_BLOB_URL: urls.blobUrl,
      AXIAL_MODELS_DIR: urls.modelsDir,
    },
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.on("data", (text: Buffer) => {
      if (text.includes('"engine":"ready"')) resolve();
    });
    child.once("exit", () => reject(new Error("the worker ended")));
  });
  return child;
}

async function stopWorker(child: ChildProcess): Promise<void> {
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  await ended;
}

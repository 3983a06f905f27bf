import { randomBytes } from "node:crypto";
import { cp, mkdir, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { pathToFileURL } from "node:url";
import { type BlobStore, openBlobStore } from "@axial/blobs";
import { startLocalPostgres } from "@axial/local-postgres";
import { type Database, openDatabase } from "@axial/store/database";
import { migrate } from "@axial/store/migrate";
import { committedPackage } from "@axial/testkit";
import { benchFolder } from "../bench-folder.ts";
import { type QueueServer, queueKinds, startQueueServer } from "../control/queue-server.ts";
import { startService } from "../control/service-process.ts";

/** The package that its worker runs. */
export const MODEL: string = committedPackage("brain-tumour-mobilenetv2");

/** The whole system as processes: a gateway, results, one worker on the CPU, durable Postgres. */
export interface Hospital {
  readonly db: Database;
  readonly blobs: BlobStore;
  readonly key: string;
  readonly gateway: string;
  readonly results: string;
  readonly queue: QueueServer["kind"];
  readonly model: string;
  /** Megabytes of memory of each service. */
  residentMb(): Promise<Readonly<Record<"gateway" | "results" | "worker", number>>>;
  stop(): Promise<void>;
}

export async function startHospital(): Promise<Hospital> {
  const folder = await benchFolder("hospital");
  const model = basename(dirname(MODEL));
  const modelsDir = join(folder, "models");
  await mkdir(modelsDir, { recursive: true });
  await cp(MODEL, join(modelsDir, model, basename(MODEL)), { recursive: true });
  const postgres = await startLocalPostgres({ folder: join(folder, "postgres"), durable: true });
  const databaseUrl = await postgres.database("axial");
  const [kind = "postgres"] = queueKinds();
  const queue = await startQueueServer(kind, postgres);
  const db = openDatabase(databaseUrl);
  await migrate(db);
  const key = randomBytes(24).toString("hex");
  const blobUrl = pathToFileURL(join(folder, "blobs")).href;
  const env = {
    AXIAL_DATABASE_URL: databaseUrl,
    AXIAL_QUEUE_URL: queue.url,
    AXIAL_BLOB_URL: blobUrl,
    AXIAL_MODELS_DIR: modelsDir,
    AXIAL_ADMIN_KEY: key,
  };
  const services = [
    await startService("gateway", env),
    await startService("results", env),
    await startService("worker", env),
  ] as const;
  const [gateway, results, worker] = services;
  return {
    db,
    blobs: openBlobStore(blobUrl),
    key,
    gateway: `http://127.0.0.1:${gateway.port}`,
    results: `http://127.0.0.1:${results.port}`,
    queue: kind,
    model,
    residentMb: async () => ({
      gateway: Math.round(await gateway.residentMb()),
      results: Math.round(await results.residentMb()),
      worker: Math.round(await worker.residentMb()),
    }),
    stop: async () => {
      for (const service of services.toReversed()) await service.stop();
      await db.destroy();
      await queue.stop();
      await postgres.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

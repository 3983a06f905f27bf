import { mkdir } from "node:fs/promises";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { startArchive } from "@axial/archive";
import { openBlobStore } from "@axial/blobs";
import { consoleApp } from "@axial/console";
import { openApi, startGateway } from "@axial/gateway";
import {
  createHttpServer,
  createMetrics,
  type Logger,
  openQueues,
  type Shutdown,
} from "@axial/kit";
import { startLocalPostgres } from "@axial/local-postgres";
import { startResults } from "@axial/results";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { createAuthenticator, ensureAdminKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { TUNING_FILE } from "../defaults.ts";
import { adminKey } from "./admin-key.ts";
import { keepWorkers } from "./worker-processes.ts";

export interface StackOptions {
  readonly data: string;
  readonly host: string;
  readonly port: number;
  readonly workers: number;
  readonly models: string;
  readonly logLevel: string;
  /** Networks inside the house that webhooks may reach. */
  readonly webhookNetworks: readonly string[];
  /** The three addresses of a cluster; each one missing is provided by this machine. */
  readonly databaseUrl?: string;
  readonly queueUrl?: string;
  readonly blobUrl?: string;
  readonly adminKey?: string;
}

export interface Stack {
  readonly url: string;
  readonly key: string;
  /** The key was made just now: the one time that it is shown. */
  readonly keyIsNew: boolean;
}

/**
 * The whole of Axial on one machine: PostgreSQL (its own, unless an address is given) as database
 * and queue, gateway, archive, results and console on one port of this process, and worker processes.
 * What is opened first closes last, PostgreSQL last of all.
 */
export async function startStack(
  options: StackOptions,
  logger: Logger,
  shutdown: Shutdown,
): Promise<Stack> {
  const data = resolve(options.data);
  await mkdir(data, { recursive: true });
  const databaseUrl = options.databaseUrl ?? (await ownPostgres(data, shutdown));
  const queueUrl = options.queueUrl ?? databaseUrl;
  const blobUrl = options.blobUrl ?? pathToFileURL(join(data, "blobs")).href;

  const metrics = createMetrics("axial");
  const db = openDatabase(databaseUrl, {
    onIdleError: (error) => {
      if (!shutdown.signal.aborted) logger.warn({ err: error }, "lost a database connection");
    },
  });
  shutdown.onClose("database", () => db.destroy());
  await migrate(db);
  const { key, generated } = await adminKey(data, options.adminKey);
  await ensureAdminKey(db, key);
  const queues = openQueues(queueUrl, { logger });
  shutdown.onClose("queue", () => queues.close());
  const blobs = openBlobStore(blobUrl);

  const shared = { db, databaseUrl, queues, blobs, metrics, logger, modelsDir: options.models };
  const results = startResults({ ...shared, webhookNetworks: options.webhookNetworks });
  shutdown.onClose("recorder", () => results.close());
  const workers = keepWorkers(
    options.workers,
    {
      ...process.env,
      AXIAL_QUEUE_URL: queueUrl,
      AXIAL_BLOB_URL: blobUrl,
      AXIAL_MODELS_DIR: options.models,
      AXIAL_WORKER_TUNING: process.env.AXIAL_WORKER_TUNING ?? join(data, TUNING_FILE),
      AXIAL_LOG_LEVEL: options.logLevel,
    },
    logger,
  );
  shutdown.onClose("workers", () => workers.stop());
  const gateway = startGateway({ ...shared, blobUrl });
  shutdown.onClose("gateway", () => gateway.close());

  const archive = startArchive({ db, blobs });
  shutdown.onClose("archive", () => archive.close());

  const server = await createHttpServer({
    logger,
    metrics,
    authenticate: createAuthenticator(db),
    isOutage: isTransientDatabaseError,
    probes: [
      { name: "database", check: () => pingDatabase(db) },
      { name: "queue", check: () => queues.ping() },
      { name: "blobs", check: () => blobs.ping() },
    ],
  });
  await server.register(openApi);
  await server.register(gateway.app);
  await server.register(archive.app);
  await server.register(results.app);
  await server.register(consoleApp);
  shutdown.onClose("http", () => server.close());
  const url = await server.listen({ host: options.host, port: options.port });
  return { url, key, keyIsNew: generated };
}

async function ownPostgres(data: string, shutdown: Shutdown): Promise<string> {
  const server = await startLocalPostgres({ folder: join(data, "postgres"), durable: true });
  shutdown.onClose("postgres", () => server.stop());
  return server.database("axial");
}

import "@axial/blobs/thread-pool";
import { openBlobStore } from "@axial/blobs";
import { createHttpServer, createLogger, createMetrics, openQueues, runProcess } from "@axial/kit";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { createAuthenticator, ensureAdminKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { readConfig } from "./config.ts";
import { openApi } from "./open-api.ts";
import { startGateway } from "./service.ts";

const config = readConfig();
const logger = createLogger({ service: "gateway", level: config.AXIAL_LOG_LEVEL });

runProcess(logger, async (shutdown) => {
  const metrics = createMetrics("gateway");
  const db = openDatabase(config.AXIAL_DATABASE_URL, {
    onIdleError: (error) => logger.warn({ err: error }, "lost a database connection"),
  });
  shutdown.onClose("database", () => db.destroy());
  await migrate(db);
  if (config.AXIAL_ADMIN_KEY !== undefined) await ensureAdminKey(db, config.AXIAL_ADMIN_KEY);
  const queues = openQueues(config.AXIAL_QUEUE_URL, { logger });
  shutdown.onClose("queue", () => queues.close());
  const blobs = openBlobStore(config.AXIAL_BLOB_URL);
  const gateway = startGateway({
    db,
    databaseUrl: config.AXIAL_DATABASE_URL,
    queues,
    blobs,
    metrics,
    logger,
    modelsDir: config.AXIAL_MODELS_DIR,
    syntheticModels: config.AXIAL_MODELS_SYNTHETIC === "on",
    blobUrl: config.AXIAL_BLOB_URL,
    archiveUrl: config.AXIAL_ARCHIVE_URL,
    marks: {
      maxPendingTasks: config.AXIAL_MAX_PENDING_TASKS,
      maxDatabaseBytes: config.AXIAL_MAX_DATABASE_BYTES,
      reservedDiskBytes: config.AXIAL_RESERVED_DISK_BYTES,
    },
  });
  shutdown.onClose("gateway", () => gateway.close());
  const server = await createHttpServer({
    logger,
    metrics,
    authenticate: createAuthenticator(db),
    isOutage: isTransientDatabaseError,
    probes: [
      { name: "database", check: () => pingDatabase(db) },
      // Postgres is the truth: what is accepted waits there.
      { name: "queue", check: () => queues.ping(), needed: false },
      { name: "blobs", check: () => blobs.ping() },
    ],
  });
  await server.register(openApi);
  await server.register(gateway.app);
  shutdown.onClose("http", () => server.close());
  const address = await server.listen({ host: config.AXIAL_HOST, port: config.AXIAL_PORT });
  logger.info({ address }, "gateway ready");
});

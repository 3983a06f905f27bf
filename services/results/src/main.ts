import { openBlobStore } from "@axial/blobs";
import { createHttpServer, createLogger, createMetrics, openQueues, runProcess } from "@axial/kit";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { createAuthenticator } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { readConfig } from "./config.ts";
import { startResults } from "./service.ts";

const config = readConfig();
const logger = createLogger({ service: "results", level: config.AXIAL_LOG_LEVEL });

runProcess(logger, async (shutdown) => {
  const metrics = createMetrics("results");
  const db = openDatabase(config.AXIAL_DATABASE_URL, {
    onIdleError: (error) => logger.warn({ err: error }, "lost a database connection"),
  });
  shutdown.onClose("database", () => db.destroy());
  await migrate(db);
  const queues = openQueues(config.AXIAL_QUEUE_URL, { logger });
  shutdown.onClose("queue", () => queues.close());
  const blobs = openBlobStore(config.AXIAL_BLOB_URL);
  const results = startResults({
    db,
    databaseUrl: config.AXIAL_DATABASE_URL,
    queues,
    blobs,
    metrics,
    logger,
    modelsDir: config.AXIAL_MODELS_DIR,
    webhookNetworks: config.AXIAL_WEBHOOK_NETWORKS.split(",").filter((network) => network !== ""),
  });
  shutdown.onClose("recorder", () => results.close());
  const server = await createHttpServer({
    logger,
    metrics,
    authenticate: createAuthenticator(db),
    isOutage: isTransientDatabaseError,
    probes: [
      { name: "database", check: () => pingDatabase(db) },
      // What is recorded can be read without it.
      { name: "queue", check: () => queues.ping(), needed: false },
      { name: "blobs", check: () => blobs.ping() },
    ],
  });
  await server.register(results.app);
  shutdown.onClose("http", () => server.close());
  const address = await server.listen({ host: config.AXIAL_HOST, port: config.AXIAL_PORT });
  logger.info({ address }, "results ready");
});

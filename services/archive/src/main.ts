import { openBlobStore } from "@axial/blobs";
import { createHttpServer, createLogger, createMetrics, runProcess } from "@axial/kit";
import { isTransientDatabaseError, openDatabase, pingDatabase } from "@axial/store/database";
import { createAuthenticator } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { readConfig } from "./config.ts";
import { startArchive } from "./service.ts";

const config = readConfig();
const logger = createLogger({ service: "archive", level: config.AXIAL_LOG_LEVEL });

runProcess(logger, async (shutdown) => {
  const metrics = createMetrics("archive");
  const db = openDatabase(config.AXIAL_DATABASE_URL, {
    onIdleError: (error) => logger.warn({ err: error }, "lost a database connection"),
  });
  shutdown.onClose("database", () => db.destroy());
  await migrate(db);
  const blobs = openBlobStore(config.AXIAL_BLOB_URL);
  const archive = startArchive({ db, blobs });
  shutdown.onClose("archive", () => archive.close());
  const server = await createHttpServer({
    logger,
    metrics,
    authenticate: createAuthenticator(db),
    isOutage: isTransientDatabaseError,
    probes: [
      { name: "database", check: () => pingDatabase(db) },
      { name: "blobs", check: () => blobs.ping() },
    ],
  });
  await server.register(archive.app);
  shutdown.onClose("http", () => server.close());
  const address = await server.listen({ host: config.AXIAL_HOST, port: config.AXIAL_PORT });
  logger.info({ address }, "archive ready");
});

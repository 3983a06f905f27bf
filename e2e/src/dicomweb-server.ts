import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { startArchive } from "@axial/archive";
import { openBlobStore } from "@axial/blobs";
import { newApiKey } from "@axial/contracts";
import { openApi, startGateway } from "@axial/gateway";
import { createHttpServer, createLogger, createMetrics, openQueues } from "@axial/kit";
import { isTransientDatabaseError, openDatabase } from "@axial/store/database";
import { createAuthenticator, ensureAdminKey } from "@axial/store/keys";
import { migrate } from "@axial/store/migrate";
import { startPostgres, TINY_MODELS } from "@axial/testkit";

const ON_FREE_PORT = { host: "127.0.0.1", port: 0 };

export type DicomwebServer = Awaited<ReturnType<typeof startDicomwebServer>>;

export interface DicomwebServerOptions {
  /** The archive on a port of its own, the gateway forwarding reads to it. */
  readonly apart?: boolean;
}

/** Gateway and archive on one port: the DICOMweb server that other products talk to. */
export async function startDicomwebServer({ apart = false }: DicomwebServerOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-dicomweb-"));
  const postgres = await startPostgres();
  const databaseUrl = await postgres.createDatabase();
  const logger = createLogger({ service: "dicomweb", destination: { write: () => {} } });
  const metrics = createMetrics("dicomweb");
  const db = openDatabase(databaseUrl, { onIdleError: () => {} });
  await migrate(db);
  const blobUrl = pathToFileURL(join(folder, "blobs")).href;
  const blobs = openBlobStore(blobUrl);
  const queues = openQueues(databaseUrl, { logger });
  const shared = { db, databaseUrl, blobs, queues, logger, metrics };
  const archive = startArchive({ db, blobs });
  const key = newApiKey();
  await ensureAdminKey(db, key);
  const newServer = () =>
    createHttpServer({
      logger,
      metrics,
      probes: [],
      authenticate: createAuthenticator(db),
      isOutage: isTransientDatabaseError,
    });
  const server = await newServer();
  const archiveServer = apart ? await newServer() : server;
  await archiveServer.register(archive.app);
  const archiveUrl = apart ? await archiveServer.listen(ON_FREE_PORT) : undefined;
  const gateway = startGateway({ ...shared, blobUrl, modelsDir: TINY_MODELS, archiveUrl });
  await server.register(openApi);
  await server.register(gateway.app);
  const url = await server.listen(ON_FREE_PORT);
  const stopArchive = async () => {
    await archiveServer.close();
    await archive.close();
  };
  const stop = async () => {
    await server.close();
    await stopArchive();
    await gateway.close();
    await queues.close();
    await db.destroy();
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { url, key, db, blobs, folder, stop, stopArchive };
}

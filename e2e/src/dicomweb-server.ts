import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createArchive } from "@axial/archive";
import { newApiKey } from "@axial/contracts";
import { createGateway } from "@axial/gateway";
import { createLogger, Shutdown } from "@axial/kit";
import { openApi } from "@axial/kit/open-api";
import { ServiceHost } from "@axial/service";
import { startPostgres, TINY_MODELS } from "@axial/testkit";

const ON_FREE_PORT = { host: "127.0.0.1", port: 0 };

export type DicomwebServer = Awaited<ReturnType<typeof startDicomwebServer>>;

interface DicomwebServerOptions {
  /** The archive on a port of its own, the gateway forwarding reads to it. */
  readonly apart?: boolean;
}

/** Gateway and archive on one port: the DICOMweb server that other products talk to. */
export async function startDicomwebServer({ apart = false }: DicomwebServerOptions = {}) {
  const folder = await mkdtemp(join(tmpdir(), "axial-e2e-dicomweb-"));
  const logger = createLogger({ service: "dicomweb", destination: { write: () => {} } });
  const shutdown = new Shutdown(logger);
  shutdown.onClose("folder", () => rm(folder, { recursive: true, force: true }));
  const postgres = await startPostgres();
  shutdown.onClose("postgres", () => postgres.stop());
  const databaseUrl = await postgres.createDatabase();
  const blobUrl = pathToFileURL(join(folder, "blobs")).href;
  const addresses = { name: "dicomweb", databaseUrl, blobUrl, logger };
  const key = newApiKey();

  const archiveShutdown = new Shutdown(logger);
  shutdown.onClose("archive", async () => void (await archiveShutdown.close()));
  const host = new ServiceHost({ ...addresses, shutdown });
  const archive = createArchive(host.connections);
  const archiveUrl = apart
    ? await new ServiceHost({ ...addresses, shutdown: archiveShutdown }).serve({
        ...ON_FREE_PORT,
        services: [archive],
      })
    : undefined;
  const queues = host.openQueue(databaseUrl, { needed: false });
  const gateway = createGateway({
    ...host.connections,
    ...{ queues, modelsDir: TINY_MODELS, archiveUrl },
    dimse: { host: "127.0.0.1", port: 0, defaultTitle: "AXIAL" },
    networks: ["127.0.0.1"],
  });
  const url = await host.serve({
    ...ON_FREE_PORT,
    services: apart ? [gateway] : [gateway, archive],
    extend: openApi,
    adminKey: key,
  });
  const { db, blobs } = host.connections;
  const stopArchive = () => archiveShutdown.close();
  const { dimsePort } = gateway;
  return {
    url,
    key,
    dimsePort: dimsePort ?? 0,
    db,
    blobs,
    folder,
    stopArchive,
    stop: () => shutdown.close(),
  };
}

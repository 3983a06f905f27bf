import "@axial/blobs/thread-pool";
import { wholeOpenApi } from "@axial/kit/open-api";
import { runService } from "@axial/service";
import { readConfig } from "./config.ts";
import { dimseOptions } from "./dimse/dimse-options.ts";
import { orderOptions } from "./orders/order-door.ts";
import { createGateway } from "./service.ts";

/** What all services together answer; `npm run open-api` writes it. */
const WHOLE = new URL("../open-api.json", import.meta.url);

const config = readConfig();

runService("gateway", config, (host) => {
  const gateway = createGateway({
    ...host.connections,
    // Postgres is the truth: what is accepted waits there.
    queues: host.openQueue(config.AXIAL_QUEUE_URL, { needed: false }),
    modelsDir: config.AXIAL_MODELS_DIR,
    syntheticModels: config.AXIAL_MODELS_SYNTHETIC === "on",
    archiveUrl: config.AXIAL_ARCHIVE_URL,
    dimse: dimseOptions(config),
    orders: orderOptions(config),
    networks: config.AXIAL_DESTINATION_NETWORKS.split(",").filter(Boolean),
    marks: {
      maxPendingTasks: config.AXIAL_MAX_PENDING_TASKS,
      maxDatabaseBytes: config.AXIAL_MAX_DATABASE_BYTES,
      reservedDiskBytes: config.AXIAL_RESERVED_DISK_BYTES,
    },
  });
  return {
    services: [gateway],
    extend: (server) => wholeOpenApi(server, { service: "gateway", whole: WHOLE }),
    adminKey: config.AXIAL_ADMIN_KEY,
  };
});

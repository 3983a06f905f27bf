import { poolKeys } from "@axial/contracts";
import { ownOpenApi } from "@axial/kit/open-api";
import { runService } from "@axial/service";
import { readConfig } from "./config.ts";
import { createResults } from "./service.ts";

const config = readConfig();

runService("results", config, (host) => {
  const results = createResults({
    ...host.connections,
    // What is recorded can be read without it.
    queues: host.openQueue(config.AXIAL_QUEUE_URL, { needed: false }),
    modelsDir: config.AXIAL_MODELS_DIR,
    outcomeKeys: poolKeys(config.AXIAL_OUTCOME_KEYS),
    destinationNetworks: config.AXIAL_DESTINATION_NETWORKS.split(",").filter(Boolean),
    destinationFolder: config.AXIAL_DESTINATION_FOLDER,
    publicUrl: config.AXIAL_PUBLIC_URL,
  });
  // While the blob store is down, results can still be read, and the autoscaler is answered.
  return {
    services: [results],
    extend: (server) => ownOpenApi(server, "results"),
    blobsNeeded: false,
  };
});

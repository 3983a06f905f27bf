import "@axial/blobs/thread-pool";
import { createGateway } from "@axial/gateway";
import { readConfig } from "@axial/gateway/config";
import { runService } from "@axial/service";

/** The gateway's own process, whose stores are on record unless its first argument is `unaudited`. */
const config = readConfig();
const unaudited = process.argv[2] === "unaudited";

runService("gateway", config, (host) => {
  const { audit } = host.connections;
  const gateway = createGateway({
    ...host.connections,
    audit: unaudited ? async () => {} : audit,
    queues: host.openQueue(config.AXIAL_QUEUE_URL, { needed: false }),
    modelsDir: config.AXIAL_MODELS_DIR,
  });
  return { services: [gateway], adminKey: config.AXIAL_ADMIN_KEY };
});

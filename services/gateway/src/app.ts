import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { archiveRoutes } from "./routes/archive.ts";
import { holdRoutes } from "./routes/hold.ts";
import { imageRoutes } from "./routes/images.ts";
import { keyRoutes } from "./routes/keys.ts";
import { stowRoutes } from "./routes/stow.ts";
import { studyActionRoutes } from "./routes/study-actions.ts";
import { tenantRoutes } from "./routes/tenants.ts";
import type { GatewayServices } from "./services.ts";

/**
 * The gateway's HTTP side as a plugin: registered alone in the cluster, or next to the other
 * services on one port.
 */
export function gatewayApp(services: GatewayServices): FastifyPluginAsyncTypebox {
  return async (server) => {
    await server.register(stowRoutes(services));
    await server.register(imageRoutes(services));
    await server.register(studyActionRoutes(services));
    await server.register(holdRoutes(services));
    await server.register(keyRoutes(services));
    await server.register(tenantRoutes(services));
    if (services.archiveUrl !== undefined) {
      await server.register(archiveRoutes(services.archiveUrl));
    }
  };
}

import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { keyRoutes } from "./routes/keys.ts";
import { stowRoutes } from "./routes/stow.ts";
import type { GatewayServices } from "./services.ts";

/**
 * The gateway's HTTP side as a plugin: registered alone in the cluster, or next to results and
 * console on one port.
 */
export function gatewayApp(services: GatewayServices): FastifyPluginAsyncTypebox {
  return async (server) => {
    await server.register(stowRoutes(services));
    await server.register(keyRoutes(services));
  };
}

import { DICOMWEB } from "@axial/contracts";
import { registerCapabilities } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "./dependencies.ts";
import { retrieveRoutes } from "./routes/retrieve.ts";
import { searchRoutes } from "./routes/search.ts";

/** Where senders look: the plain mount and the mount of each lane. */
const MOUNTS = [DICOMWEB, `/lanes/:lane${DICOMWEB}`];

/** The archive's HTTP side as a plugin: QIDO-RS and WADO-RS over what was received. */
export function archiveApp(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    registerCapabilities(server);
    for (const prefix of MOUNTS) {
      await server.register(searchRoutes(dependencies), { prefix });
      await server.register(retrieveRoutes(dependencies), { prefix });
    }
  };
}

import { registerCapabilities } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "./dependencies.ts";
import type { PlanDecider } from "./plan/plan-decider.ts";
import { applicationEntityRoutes } from "./routes/application-entities.ts";
import { archiveRoutes } from "./routes/archive.ts";
import { backfillActionRoutes } from "./routes/backfill-actions.ts";
import { backfillResultRoutes } from "./routes/backfill-results.ts";
import { backfillRoutes } from "./routes/backfills.ts";
import { canaryRoutes } from "./routes/canaries.ts";
import { comparisonRoutes } from "./routes/comparison.ts";
import { dicomwebDeletionRoutes } from "./routes/dicomweb-deletion.ts";
import { holdRoutes } from "./routes/hold.ts";
import { imageRoutes } from "./routes/images.ts";
import { keyRoutes } from "./routes/keys.ts";
import { knownInstanceRoutes } from "./routes/known-instances.ts";
import { pullRoutes } from "./routes/pulls.ts";
import { resolveRoutes } from "./routes/resolve.ts";
import { restoreRoutes } from "./routes/restore.ts";
import { sourceRoutes } from "./routes/sources.ts";
import { stowRoutes } from "./routes/stow.ts";
import { studyActionRoutes } from "./routes/study-actions.ts";
import { tenantRoutes } from "./routes/tenants.ts";

/**
 * The gateway's HTTP side as a plugin: registered alone in the cluster, or next to the other
 * services on one port.
 */
export function gatewayApp(
  dependencies: Dependencies,
  decider: PlanDecider,
): FastifyPluginAsyncTypebox {
  return async (server) => {
    registerCapabilities(server);
    await server.register(stowRoutes(dependencies));
    await server.register(knownInstanceRoutes(dependencies));
    await server.register(dicomwebDeletionRoutes(dependencies));
    await server.register(backfillRoutes(dependencies, decider));
    await server.register(backfillActionRoutes(dependencies));
    await server.register(backfillResultRoutes(dependencies));
    await server.register(comparisonRoutes(dependencies));
    await server.register(canaryRoutes(dependencies));
    await server.register(sourceRoutes(dependencies));
    await server.register(pullRoutes(dependencies));
    await server.register(imageRoutes(dependencies));
    await server.register(studyActionRoutes(dependencies));
    await server.register(resolveRoutes(dependencies));
    await server.register(holdRoutes(dependencies));
    await server.register(restoreRoutes(dependencies));
    await server.register(keyRoutes(dependencies));
    await server.register(tenantRoutes(dependencies));
    await server.register(applicationEntityRoutes(dependencies));
    await server.register(archiveRoutes(dependencies));
  };
}

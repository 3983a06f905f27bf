import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "./dependencies.ts";
import { auditRoutes } from "./routes/audit.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deletionRoutes } from "./routes/deletion.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { destinationRoutes } from "./routes/destinations.ts";
import { eventRoutes } from "./routes/events.ts";
import { feedbackRoutes } from "./routes/feedback.ts";
import { heatmapRoutes } from "./routes/heatmaps.ts";
import { historyRoutes } from "./routes/history.ts";
import { laneRoutes } from "./routes/lanes.ts";
import { meRoutes } from "./routes/me.ts";
import { modelRoutes } from "./routes/models.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { qualityRoutes } from "./routes/quality.ts";
import { replayRoutes } from "./routes/replay.ts";
import { reportRoutes } from "./routes/reports.ts";
import { resultRoutes } from "./routes/results.ts";
import { retentionRoutes } from "./routes/retention.ts";
import { scalingRoutes } from "./routes/scaling.ts";
import { studyRoutes } from "./routes/studies.ts";
import { versionRoutes } from "./routes/versions.ts";
import { whyRoutes } from "./routes/why.ts";

/** The result API as a Fastify plugin; it serves whatever the recorder has committed. */
export function resultsApp(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    await server.register(meRoutes());
    await server.register(studyRoutes(dependencies));
    await server.register(deletionRoutes(dependencies));
    await server.register(versionRoutes(dependencies));
    await server.register(eventRoutes(dependencies));
    await server.register(reportRoutes(dependencies));
    await server.register(heatmapRoutes(dependencies));
    await server.register(whyRoutes(dependencies));
    await server.register(resultRoutes(dependencies));
    await server.register(modelRoutes(dependencies));
    await server.register(deadLetterRoutes(dependencies));
    await server.register(replayRoutes(dependencies));
    await server.register(scalingRoutes(dependencies));
    await server.register(overviewRoutes(dependencies));
    await server.register(historyRoutes(dependencies));
    await server.register(laneRoutes(dependencies));
    await server.register(feedbackRoutes(dependencies));
    await server.register(qualityRoutes(dependencies));
    await server.register(destinationRoutes(dependencies));
    await server.register(deliveryRoutes(dependencies));
    await server.register(retentionRoutes(dependencies));
    await server.register(auditRoutes(dependencies));
  };
}

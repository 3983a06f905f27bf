import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { RouteDependencies } from "./dependencies.ts";
import { deadLetterRoutes } from "./routes/dead-letters.ts";
import { deliveryRoutes } from "./routes/deliveries.ts";
import { eventRoutes } from "./routes/events.ts";
import { feedbackRoutes } from "./routes/feedback.ts";
import { heatmapRoutes } from "./routes/heatmaps.ts";
import { modelRoutes } from "./routes/models.ts";
import { overviewRoutes } from "./routes/overview.ts";
import { replayRoutes } from "./routes/replay.ts";
import { reportRoutes } from "./routes/reports.ts";
import { resultRoutes } from "./routes/results.ts";
import { retentionRoutes } from "./routes/retention.ts";
import { scalingRoutes } from "./routes/scaling.ts";
import { studyRoutes } from "./routes/studies.ts";
import { webhookRoutes } from "./routes/webhooks.ts";
import { whyRoutes } from "./routes/why.ts";

/** The result API as a Fastify plugin; it serves whatever the recorder has committed. */
export function resultsApp(dependencies: RouteDependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    studyRoutes(server, dependencies);
    eventRoutes(server, dependencies);
    reportRoutes(server, dependencies);
    heatmapRoutes(server, dependencies);
    whyRoutes(server, dependencies);
    resultRoutes(server, dependencies);
    modelRoutes(server, dependencies);
    deadLetterRoutes(server, dependencies);
    replayRoutes(server, dependencies);
    scalingRoutes(server, dependencies);
    overviewRoutes(server, dependencies);
    feedbackRoutes(server, dependencies);
    webhookRoutes(server, dependencies);
    deliveryRoutes(server, dependencies);
    retentionRoutes(server, dependencies);
  };
}

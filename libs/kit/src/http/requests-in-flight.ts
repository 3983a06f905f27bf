import type { FastifyInstance } from "fastify";
import type { Metrics } from "../metrics.ts";

/**
 * Keeps `axial_http_requests_in_flight`: a request counts from its head to the end of its answer,
 * or until its connection is gone.
 */
export function countRequestsInFlight(server: FastifyInstance, metrics: Metrics): void {
  server.addHook("onRequest", async (_request, reply) => {
    metrics.requestsInFlight.inc();
    reply.raw.once("close", () => metrics.requestsInFlight.dec());
  });
}

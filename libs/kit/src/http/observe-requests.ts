import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Metrics } from "../metrics.ts";
import { readTraceParent } from "../tracing/trace-parent.ts";

/** Of the requests that went well and fast, one in this many is logged. */
const LOG_ONE_IN = 100;
/** A request that takes longer is logged. Uploads and long polls have no limit. */
const SLOW_MS = 5_000;
/** What no route takes: scanners try thousands of paths. */
const NO_ROUTE = "none";

/**
 * Counts every request into `axial_http_request_seconds` by route template, method and status, and
 * logs those that failed or were slow and a sample of the others. Paths are never logged: they hold
 * UIDs, and queries names (invariant 4). The answer carries the request's id.
 */
export function observeRequests(server: FastifyInstance, metrics: Metrics): void {
  let seen = 0;
  server.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
  });
  server.addHook("onResponse", async (request, reply) => {
    const { route, method, status } = labelsOf(request, reply);
    metrics.httpSeconds.observe({ route, method, status }, reply.elapsedTime / 1_000);
    seen += 1;
    const failed = reply.statusCode >= 500;
    if (!failed && reply.elapsedTime < SLOW_MS && seen % LOG_ONE_IN !== 0) return;
    const trace = traceOf(request);
    const facts = {
      requestId: request.id,
      ...(trace === null ? {} : { traceId: trace }),
      ...(request.principal === null ? {} : { key: request.principal.keyId }),
      ...{ route, method, status: reply.statusCode, ms: Math.round(reply.elapsedTime) },
    };
    if (failed) request.log.warn(facts, "request");
    else request.log.info(facts, "request");
  });
}

/** The trace of its span, or else the caller's. */
function traceOf({ span, headers }: FastifyRequest): string | null {
  return readTraceParent(span?.traceParent ?? headers.traceparent)?.traceId ?? null;
}

function labelsOf(request: FastifyRequest, reply: FastifyReply) {
  return {
    route: request.routeOptions.url ?? NO_ROUTE,
    method: request.method,
    status: String(reply.statusCode),
  };
}

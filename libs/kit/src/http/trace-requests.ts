import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Span, Tracing } from "../tracing/tracing.ts";
import { PROBE_PATHS } from "./probes.ts";

declare module "fastify" {
  interface FastifyRequest {
    /** Of a request that is traced; null for probes, and without tracing. */
    span: Span | null;
  }
}

/**
 * A span for every request but the probes, as a child of the caller's `traceparent`. Hooks of our
 * own, because `@fastify/otel` exports the path (decision 48). Without tracing there are no hooks.
 */
export function traceRequests(server: FastifyInstance, tracing: Tracing): void {
  server.decorateRequest("span", null);
  if (!tracing.isOn) return;
  server.addHook("onRequest", async (request) => {
    const { url } = request.routeOptions;
    if (url !== undefined && PROBE_PATHS.includes(url)) return;
    request.span = startSpan(tracing, request);
  });
  server.addHook("onResponse", async (request, reply) => endSpan(request, reply));
}

function startSpan(tracing: Tracing, request: FastifyRequest): Span {
  const { method, headers, routeOptions } = request;
  const route = routeOptions.url;
  return tracing.start(route === undefined ? method : `${method} ${route}`, {
    kind: "server",
    parent: typeof headers.traceparent === "string" ? headers.traceparent : null,
    facts: {
      "http.request.method": method,
      ...(route === undefined ? {} : { "http.route": route }),
    },
  });
}

function endSpan({ span, principal }: FastifyRequest, { statusCode }: FastifyReply): void {
  if (span === null) return;
  span.add({
    "http.response.status_code": statusCode,
    ...(principal === null ? {} : { "axial.tenant": principal.tenant }),
  });
  if (statusCode >= 500) span.fail(String(statusCode));
  span.end();
}

import { Agent, type IncomingHttpHeaders } from "node:http";
import { AxialError } from "@axial/contracts";
import { baseUrl, clientAddress, type LiveTls, TlsAgent } from "@axial/kit";
import replyFrom, {
  type FastifyReplyFromHooks,
  type FastifyReplyFromOptions,
} from "@fastify/reply-from";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { DELETE_PATHS, ResourceParams, STORE_PATHS } from "./common.ts";

/** A kept connection may end with its pod just as it is used: a read is sent once more. */
const RETRY_AFTER_MS = 50;
/** Headers about a body, which a read does not have, and hop-by-hop headers. */
const BODY_HEADERS = new Set([
  ...["content-length", "content-type", "transfer-encoding", "expect"],
  // The caller's forwarding headers are judged here and replaced.
  "forwarded",
]);

/** The paths on which reads meet what only the gateway does. */
const SHARED_PATHS = new Set([...STORE_PATHS, ...DELETE_PATHS]);

/**
 * Reads (GET and HEAD) on the paths that stores and deletions share with them, streamed from the
 * archive at `archiveUrl`, where one is named: for an edge that routes by path and not by method,
 * such as an Ingress. The caller's authorization and host go along. `unavailable` while the archive
 * does not answer.
 */
export function archiveRoutes({ archiveUrl, tls }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    if (archiveUrl === undefined) return;
    const mutual = tls === null || !archiveUrl.startsWith("https:") ? {} : withCertificate(tls);
    await server.register(replyFrom, { base: archiveUrl, disableRequestLogging: true, ...mutual });
    const options = {
      // The archive records the read.
      config: { role: "reader", audit: null },
      // The plugin warns of what the error handler then logs as a failed request.
      logLevel: "error",
      schema: { hide: true, params: Type.Partial(ResourceParams) },
    } as const;
    for (const path of SHARED_PATHS) {
      server.get(path, options, (request, reply) =>
        reply.from(undefined, {
          ...FAILING,
          rewriteRequestHeaders: (_raw, headers) => readHeaders(headers, request),
        }),
      );
    }
  };
}

/** Requests over Node's own client, whose connections are of our making. */
function withCertificate(tls: LiveTls): Pick<FastifyReplyFromOptions, "http"> {
  const agents = { "http:": new Agent({ keepAlive: true }), "https:": new TlsAgent(tls) };
  // By default the plugin verifies no certificate.
  return { http: { agents, requestOptions: { rejectUnauthorized: true } } };
}

const FAILING: FastifyReplyFromHooks = {
  retryDelay: ({ err, attempt }) => (err && attempt === 0 ? RETRY_AFTER_MS : null),
  onError: (reply, { error: cause }) => {
    reply.send(new AxialError("unavailable", { detail: "the archive does not answer", cause }));
  },
};

/** Links in the archive's answers name the address that the caller sees, where it trusts us. */
function readHeaders(headers: IncomingHttpHeaders, request: FastifyRequest): IncomingHttpHeaders {
  const kept = Object.entries(headers).filter(([name]) => !BODY_HEADERS.has(name));
  const { host, protocol } = new URL(baseUrl(request));
  const client = clientAddress(request);
  return {
    ...Object.fromEntries(kept),
    ...{ host, "x-forwarded-host": host, "x-forwarded-proto": protocol.slice(0, -1) },
    ...(client === null ? {} : { "x-forwarded-for": client }),
  };
}

import { hostname } from "node:os";
import type { FastifyRequest } from "fastify";
import type { ProxyTrust } from "./proxy-trust.ts";

declare module "fastify" {
  interface FastifyInstance {
    /** The public address of this server, if configured. */
    publicUrl: string | null;
    proxyTrust: ProxyTrust;
  }
}

/** A host with an optional port, as a Host header holds it (RFC 9110 7.2). */
const HOST = /^(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:\d{1,5})?$/i;

/**
 * Base address for links in responses: the public one if it is configured; else the one that a
 * trusted proxy was called by; else this server's own. A Host header counts only if it names this
 * machine: any other is neither stored nor passed on.
 */
export function baseUrl(request: FastifyRequest): string {
  const { publicUrl, proxyTrust } = request.server;
  if (publicUrl !== null) return publicUrl;
  const forwarded = proxyTrust.forwarded(request.raw);
  if (forwarded !== null && HOST.test(forwarded.host)) {
    return `${forwarded.proto}://${forwarded.host}`;
  }
  const scheme = "encrypted" in request.raw.socket ? "https" : "http";
  return `${scheme}://${ownHost(request)}`;
}

function ownHost({ headers, raw }: FastifyRequest): string {
  const { localAddress, localPort } = raw.socket;
  const address = (localAddress ?? "127.0.0.1").replace(/^::ffff:/, "");
  const named = HOST.exec(headers.host ?? "");
  const name = named?.[1]?.toLowerCase().replace(/^\[|\]$/g, "");
  const own = ["localhost", "127.0.0.1", "::1", address, hostname().toLowerCase()];
  if (named !== null && name !== undefined && own.includes(name)) return named[0];
  const literal = address.includes(":") ? `[${address}]` : address;
  return localPort === undefined ? literal : `${literal}:${localPort}`;
}

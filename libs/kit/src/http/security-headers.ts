import type { FastifyInstance } from "fastify";

/** An answer of the API loads nothing, and no page may frame it. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * What every answer says to browsers and caches unless its route says otherwise: it is of the type
 * that it names, it is kept nowhere (it may hold a patient's data), and it is no page. A page (HTML)
 * has a policy of its own.
 */
export function registerSecurityHeaders(server: FastifyInstance): void {
  server.addHook("onSend", async (_request, reply) => {
    reply.header("x-content-type-options", "nosniff");
    if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
    if (!isPage && !reply.hasHeader("content-security-policy")) {
      reply.header("content-security-policy", API_POLICY);
    }
  });
}

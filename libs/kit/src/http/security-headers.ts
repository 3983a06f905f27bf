import type { FastifyInstance } from "fastify";

/** Responses of the API load nothing, and no page may frame them. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

/**
 * Headers of every response for browsers and caches: the content type is not to be guessed, nothing
 * is cached (it may contain patient data), whatever its route sets, unless the route is public; and it
 * is not a page. Pages (HTML) set their own policy.
 */
export function registerSecurityHeaders(server: FastifyInstance): void {
  server.addHook("onSend", async ({ routeOptions }, reply) => {
    reply.header("x-content-type-options", "nosniff");
    const isPublic = routeOptions.config.public === true;
    if (!isPublic || !reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    const isPage = String(reply.getHeader("content-type") ?? "").startsWith("text/html");
    if (!isPage && !reply.hasHeader("content-security-policy")) {
      reply.header("content-security-policy", API_POLICY);
    }
  });
}

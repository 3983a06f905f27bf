import type { FastifyPluginAsync } from "fastify";
import { readPageFiles } from "./page-files.ts";

const BASE = "/console/";
const START_PAGE = "index.html";

/**
 * Only what the page itself brings may run; pictures come from the API with the key, as blobs.
 */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' blob:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

const HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cross-origin-opener-policy": "same-origin",
  "cache-control": "no-cache",
};

/**
 * The operators' page at `/console/`. The files are public; everything that they show comes from
 * the API, with a key that the page asks for.
 */
export function consoleApp(): FastifyPluginAsync {
  return async (server) => {
    const route = { config: { public: true }, schema: { hide: true } };
    server.get("/console", route, async (_request, reply) => reply.redirect(BASE, 308));
    for (const file of await readPageFiles()) {
      const paths = file.path === START_PAGE ? [BASE, BASE + file.path] : [BASE + file.path];
      for (const path of paths) {
        server.get(path, route, async (request, reply) => {
          reply.headers(HEADERS).header("etag", file.etag);
          if (request.headers["if-none-match"] === file.etag) return reply.code(304).send();
          return reply.type(file.type).send(file.bytes);
        });
      }
    }
  };
}

import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { constants } from "node:zlib";
import compress from "@fastify/compress";
import helmet from "@fastify/helmet";
import files from "@fastify/static";
import type { FastifyPluginAsync } from "fastify";
import { clientModules } from "./client-modules.ts";
import type { SignInSettings } from "./sign-in.ts";

const BASE = "/console/";
const PUBLIC = fileURLToPath(new URL("../public/", import.meta.url));
/** The charting library as it is published, and the files of it that the page asks for. */
const CHARTS = dirname(fileURLToPath(import.meta.resolve("uplot")));
const CHART_FILES = ["uPlot.esm.js", "uPlot.min.css"];
/** Files of the page are nothing that others call. */
const HIDDEN = { schema: { hide: true } };

/** A first load is 60 KB instead of 290; brotli's highest level would take seconds for it. */
const COMPRESSION = {
  encodings: ["br", "gzip"] as ("br" | "gzip")[],
  brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 5 } },
};

/**
 * Only what the page itself brings may run; pictures come from the API with the key, as blobs.
 */
const contentSecurityPolicy = (signIn: SignInSettings | null) => ({
  useDefaults: false,
  directives: {
    defaultSrc: ["'none'"],
    scriptSrc: ["'self'"],
    styleSrc: ["'self'"],
    imgSrc: ["'self'", "blob:"],
    connectSrc: ["'self'", ...(signIn === null ? [] : [new URL(signIn.issuer).origin])],
    baseUri: ["'none'"],
    formAction: ["'none'"],
    frameAncestors: ["'none'"],
  },
});

/**
 * The operators' page at `/console/`. The files are public; everything that they show comes from
 * the API, with a key that the page asks for, or a token that it gets from an identity provider.
 */
export function consoleApp(signIn: SignInSettings | null = null): FastifyPluginAsync {
  return async (server) => {
    server.addHook("onRoute", (route) => {
      route.config = { ...route.config, public: true };
    });
    await server.register(helmet, {
      contentSecurityPolicy: contentSecurityPolicy(signIn),
      frameguard: { action: "deny" },
      // Whether the host is reached by TLS alone is for the ingress to say.
      hsts: false,
    });
    await server.register(compress, COMPRESSION);
    // The page's own addresses are relative to the second.
    server.get("/console", async (_request, reply) => reply.redirect(BASE, 308));
    // Null: there is no provider, and the page asks for a key alone.
    server.get(`${BASE}sign-in.json`, async (_request, reply) =>
      reply.type("application/json").send(JSON.stringify(signIn)),
    );
    // The files are part of the release: one route each, and nothing else in the folder's place.
    await server.register(files, {
      root: PUBLIC,
      prefix: BASE,
      wildcard: false,
      cacheControl: false,
      setHeaders: (reply) => void reply.header("cache-control", "no-cache"),
    });
    for (const file of CHART_FILES) {
      server.get(`${BASE}vendor/${file}`, HIDDEN, (_request, reply) =>
        reply.sendFile(file, CHARTS),
      );
    }
    for (const { name, script, etag } of await clientModules()) {
      server.get(`${BASE}vendor/client/${name}`, HIDDEN, async (request, reply) => {
        reply.headers({ etag, "cache-control": "no-cache" });
        if (request.headers["if-none-match"] === etag) return reply.code(304).send();
        return reply.type("text/javascript; charset=utf-8").send(script);
      });
    }
  };
}

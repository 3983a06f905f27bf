import { readFile } from "node:fs/promises";
import swagger, { type SwaggerOptions } from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";
import { DOCS_ICON, DOCS_LOGO } from "./docs-logo.ts";

/** The pages that show the document; they contain no data. */
const DOCS = "/docs";
/** The page loads its own files and calls this server; Swagger UI sets styles in its elements. */
const DOCS_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");
const SVG = "image/svg+xml";
/** What all services together answer; `npm run open-api` writes it. */
const WHOLE = new URL("../open-api.json", import.meta.url);

/**
 * Adds `GET /openapi.json`, generated from the schemas that validate, and `/docs` to read it in a
 * browser. The document covers the routes that are registered on `server` afterwards.
 */
export function openApi(server: FastifyInstance): Promise<void> {
  return serveDocument(server, {
    openapi: {
      openapi: "3.1.0",
      info: {
        title: "Axial",
        version: "0.1.0",
        description: "Inference for medical images as a distributed job queue. Research use only.",
      },
      components: { securitySchemes: { key: { type: "http", scheme: "bearer" } } },
      security: [{ key: [] }],
    },
    // The least role that may call it; pages without data need no key.
    transform: ({ schema, url, route: { config } }) => ({
      schema: {
        ...schema,
        ...(config?.public ? { security: [] } : { "x-axial-role": config?.role ?? "admin" }),
      },
      url,
    }),
  });
}

/**
 * The same where each service has a process of its own: the document is that of all services
 * behind the ingress, not of this one alone.
 */
export async function wholeOpenApi(server: FastifyInstance): Promise<void> {
  const document = JSON.parse(await readFile(WHOLE, "utf8"));
  await serveDocument(server, { mode: "static", specification: { document } });
}

async function serveDocument(server: FastifyInstance, options: SwaggerOptions): Promise<void> {
  await server.register(swagger, options);
  server.addHook("onRoute", (route) => {
    if (route.url.startsWith(DOCS)) route.config = { ...route.config, public: true };
  });
  await server.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_POLICY,
    logo: { type: SVG, content: DOCS_LOGO, href: "/openapi.json" },
    theme: {
      title: "Axial API",
      favicon: [
        { filename: "axial.svg", rel: "icon", sizes: "any", type: SVG, content: DOCS_ICON },
      ],
    },
  });
  server.get("/openapi.json", { config: { public: true }, schema: { hide: true } }, async () =>
    server.swagger(),
  );
}

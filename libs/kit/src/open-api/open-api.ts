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
const DOCUMENT = "/openapi.json";
/** Of a service that serves the whole at the other address. */
const OWN = "ownOpenApi";

/**
 * Adds `GET /openapi.json`, generated from the schemas that validate, and `/docs` to read it in a
 * browser. The document covers the routes that are registered on `server` afterwards.
 */
export async function openApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, generated("Axial"));
  await addDocs(server);
  addDocument(server, DOCUMENT, () => server.swagger());
}

/** Adds `GET /openapi.json` of the one service that this process is. */
export async function ownOpenApi(server: FastifyInstance, service: string): Promise<void> {
  await server.register(swagger, generated(`Axial: ${service}`));
  addDocument(server, DOCUMENT, () => server.swagger());
}

/**
 * For the service behind the public address where each has a process of its own: `/openapi.json` and
 * `/docs` are of all services together, as `whole` has them, and `/openapi/{service}.json` of this one.
 */
export async function wholeOpenApi(
  server: FastifyInstance,
  { service, whole }: { readonly service: string; readonly whole: URL },
): Promise<void> {
  const document = JSON.parse(await readFile(whole, "utf8"));
  await server.register(swagger, { mode: "static", specification: { document } });
  await server.register(swagger, { ...generated(`Axial: ${service}`), decorator: OWN });
  await addDocs(server);
  addDocument(server, DOCUMENT, () => server.swagger());
  const own = () => (server as FastifyInstance & { [OWN](): object })[OWN]();
  addDocument(server, `/openapi/${service}.json`, own);
}

/** A document of the routes that are registered afterwards. */
function generated(title: string) {
  return {
    openapi: {
      openapi: "3.1.0",
      info: {
        title,
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
  } satisfies SwaggerOptions;
}

async function addDocs(server: FastifyInstance): Promise<void> {
  server.addHook("onRoute", (route) => {
    if (route.url.startsWith(DOCS)) route.config = { ...route.config, public: true };
  });
  await server.register(swaggerUi, {
    routePrefix: DOCS,
    staticCSP: DOCS_POLICY,
    logo: { type: SVG, content: DOCS_LOGO, href: DOCUMENT },
    theme: {
      title: "Axial API",
      favicon: [
        { filename: "axial.svg", rel: "icon", sizes: "any", type: SVG, content: DOCS_ICON },
      ],
    },
  });
}

function addDocument(server: FastifyInstance, path: string, read: () => object): void {
  server.get(path, { config: { public: true }, schema: { hide: true } }, async () => read());
}

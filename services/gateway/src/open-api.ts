import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

/** The pages that show the document; they contain no data. */
const DOCS = "/docs";

/**
 * Adds `GET /openapi.json`, generated from the schemas that validate, and `/docs` to read it in a
 * browser. The document covers the routes that are registered on `server` afterwards.
 */
export async function openApi(server: FastifyInstance): Promise<void> {
  await server.register(swagger, {
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
  server.addHook("onRoute", (route) => {
    if (route.url.startsWith(DOCS)) route.config = { ...route.config, public: true };
  });
  await server.register(swaggerUi, { routePrefix: DOCS });
  server.get("/openapi.json", { config: { public: true }, schema: { hide: true } }, async () =>
    server.swagger(),
  );
}

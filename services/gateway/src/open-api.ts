import swagger from "@fastify/swagger";
import swaggerUi from "@fastify/swagger-ui";
import type { FastifyInstance } from "fastify";

/** The pages that show the document; they hold nothing of anybody. */
const DOCS = "/docs";

/**
 * `GET /openapi.json`, generated from the schemas that validate, and `/docs` to read it in a
 * browser. It covers the routes that are registered after it on the same server; registered on
 * the server itself, not in a scope of its own.
 */
// biome-ignore lint/suspicious/noExplicitAny: any type provider will do
async function registerOpenApi(server: FastifyInstance<any, any, any, any, any>): Promise<void> {
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
  });
  server.addHook("onRoute", (route) => {
    if (route.url.startsWith(DOCS)) route.config = { ...route.config, public: true };
  });
  await server.register(swaggerUi, { routePrefix: DOCS });
  server.get("/openapi.json", { config: { public: true }, schema: { hide: true } }, async () =>
    server.swagger(),
  );
}

/** Fastify's mark for a plugin that extends the server it is registered on. */
export const openApi = Object.assign(registerOpenApi, { [Symbol.for("skip-override")]: true });

import { HOME_TENANT, RoleSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";

/** `GET /api/v1/me`: what the caller's key is good for, so that a page offers nothing else. */
export function meRoutes(): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/me",
      {
        config: { role: "reader" },
        schema: {
          summary: "Get the tenant and role of the caller's key",
          response: {
            200: Type.Object({
              tenant: Type.String(),
              role: RoleSchema,
              home: Type.Boolean({ description: "of the tenant that runs the installation" }),
            }),
          },
        },
      },
      async (request) => {
        const { tenant, role } = principalOf(request);
        return { tenant, role, home: tenant === HOME_TENANT };
      },
    );
  };
}

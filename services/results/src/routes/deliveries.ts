import { AxialError, DeliveryStateSchema, DeliveryViewSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { listDeliveries, replayDelivery } from "@axial/store/delivery";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import {
  type ApiServer,
  CursorSchema,
  LimitSchema,
  Nullable,
  nextCursor,
  StudyUidSchema,
} from "./common.ts";

const config = { role: "operator", audit: "delivery.read" } as const;

const Query = Type.Object({
  state: Type.Optional(DeliveryStateSchema),
  destination: Type.Optional(Type.String({ pattern: "^[0-9a-f]{32}$" })),
  study: Type.Optional(StudyUidSchema),
  cursor: Type.Optional(CursorSchema),
  limit: LimitSchema,
});

/** Deliveries, sent and failed. */
export function deliveryRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    listRoute(server, dependencies);
    replayRoute(server, dependencies);
  };
}

function listRoute(server: ApiServer, { db }: Dependencies): void {
  server.get(
    "/api/v1/deliveries",
    {
      config,
      schema: {
        summary: "List deliveries, newest first",
        querystring: Query,
        response: {
          200: Type.Object({
            deliveries: Type.Array(DeliveryViewSchema),
            next: Nullable(CursorSchema),
          }),
        },
      },
    },
    async (request) => {
      const { study: studyUid, cursor: after, ...query } = request.query;
      const { tenant } = principalOf(request);
      const rows = await listDeliveries(db, {
        ...{ ...query, tenant },
        ...(studyUid === undefined ? {} : { studyUid }),
        ...(after === undefined ? {} : { after }),
      });
      const deliveries = rows.map((row) => ({
        ...row,
        createdAt: row.createdAt.toISOString(),
        deliveredAt: row.deliveredAt?.toISOString() ?? null,
      }));
      return { deliveries, next: nextCursor(rows, query.limit) };
    },
  );
}

function replayRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/deliveries/:id/replay",
    {
      config: { role: "operator" },
      schema: { summary: "Send a delivery again", params: Type.Object({ id: Type.String() }) },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      const outcome = await replayDelivery(db, tenant, request.params.id);
      if (outcome === "not-found") {
        throw new AxialError("not-found", { detail: "no such delivery" });
      }
      if (outcome === "superseded") {
        const detail = "a later run of the study has been delivered there: replay that one";
        throw new AxialError("conflict", { detail });
      }
      return reply.code(202).send({});
    },
  );
}

import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { listDeliveries, replayDelivery } from "@axial/store/delivery";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { type ApiServer, LimitSchema, Nullable, TimestampSchema } from "./common.ts";

const StateSchema = Type.Enum(["pending", "delivered", "dead"]);

const DeliverySchema = Type.Object({
  id: Type.String(),
  webhook: Type.String(),
  study: Type.String(),
  event: Type.String(),
  state: StateSchema,
  attempts: Type.Integer(),
  lastError: Nullable(Type.String()),
  createdAt: TimestampSchema,
  deliveredAt: Nullable(TimestampSchema),
});

const config = { role: "operator" } as const;

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
        querystring: Type.Object({ state: Type.Optional(StateSchema), limit: LimitSchema }),
        response: { 200: Type.Object({ deliveries: Type.Array(DeliverySchema) }) },
      },
    },
    async (request) => {
      const { tenant } = principalOf(request);
      const rows = await listDeliveries(db, { ...request.query, tenant });
      const deliveries = rows.map((row) => ({
        id: row.id,
        webhook: row.webhook_id,
        study: row.study_uid,
        event: row.event,
        state: row.state,
        attempts: row.attempts,
        lastError: row.last_error,
        createdAt: row.created_at.toISOString(),
        deliveredAt: row.delivered_at?.toISOString() ?? null,
      }));
      return { deliveries };
    },
  );
}

function replayRoute(server: ApiServer, { db }: Dependencies): void {
  server.post(
    "/api/v1/deliveries/:id/replay",
    {
      config,
      schema: { summary: "Send a delivery again", params: Type.Object({ id: Type.String() }) },
    },
    async (request, reply) => {
      const { tenant } = principalOf(request);
      if (!(await replayDelivery(db, tenant, request.params.id))) {
        throw new AxialError("not-found", { detail: "no such delivery" });
      }
      return reply.code(202).send({});
    },
  );
}

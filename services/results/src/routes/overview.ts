import { LaneSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { countDead, readThroughput, readWorkers } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { TimestampSchema } from "./common.ts";

/** How far back the throughput goes. */
const THROUGHPUT_MINUTES = 30;

const OverviewSchema = Type.Object({
  at: TimestampSchema,
  outstanding: Type.Array(
    Type.Object({
      lane: LaneSchema,
      model: Type.String(),
      pending: Type.Integer(),
      active: Type.Integer(),
    }),
  ),
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      provider: Type.String(),
      capacity: Type.Integer(),
      models: Type.Array(Type.String()),
      seenAt: TimestampSchema,
    }),
  ),
  throughput: Type.Array(Type.Object({ minute: TimestampSchema, predictions: Type.Integer() })),
  dead: Type.Integer({ description: "the tenant's dead letters" }),
});

/** `GET /api/v1/overview`: the whole installation at a glance, for operators. */
export function overviewRoutes({ db, outstanding }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/overview",
      {
        config: { role: "operator" },
        schema: {
          summary: "Get an overview of the installation",
          response: { 200: OverviewSchema },
        },
      },
      async (request) => {
        const [tasks, workers, throughput, dead] = await Promise.all([
          outstanding.read(),
          readWorkers(db),
          readThroughput(db, THROUGHPUT_MINUTES),
          countDead(db, { tenant: principalOf(request).tenant }),
        ]);
        return {
          at: new Date().toISOString(),
          outstanding: [...tasks],
          workers: workers.map(({ seen_at, ...worker }) => ({
            ...worker,
            seenAt: seen_at.toISOString(),
          })),
          throughput: throughput.map(({ minute, predictions }) => ({
            minute: minute.toISOString(),
            predictions,
          })),
          dead,
        };
      },
    );
  };
}

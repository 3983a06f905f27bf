import { LaneSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { pauseLane } from "@axial/store/dispatch";
import { readLaneFigures } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { demandHome } from "./common.ts";

export const LaneFiguresSchema = Type.Object({
  lane: LaneSchema,
  paused: Type.Boolean({ description: "nothing of it is dispatched" }),
  workers: Type.Integer({ description: "live workers that serve it" }),
  capacity: Type.Integer({ description: "jobs that they can hold" }),
  running: Type.Integer({ description: "tasks that they hold, as each said a few seconds ago" }),
  oldestSeconds: Type.Number({ description: "how long its oldest task has waited" }),
});

const Change = Type.Object({
  paused: Type.Boolean(),
  reason: Type.Optional(
    Type.String({ minLength: 1, maxLength: 1_000, description: "for the audit" }),
  ),
});

/** `/api/v1/lanes`: how each lane stands; the home tenant's admins pause and resume one. */
export function laneRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const lanes = Type.Object({ lanes: Type.Array(LaneFiguresSchema) });
    server.get(
      "/api/v1/lanes",
      {
        config: { role: "operator" },
        schema: { summary: "List the lanes with their workers", response: { 200: lanes } },
      },
      async (request) => {
        demandHome(principalOf(request));
        return { lanes: await readLaneFigures(db) };
      },
    );

    server.patch(
      "/api/v1/lanes/:lane",
      {
        config: { role: "admin" },
        schema: {
          summary: "Pause or resume a lane for all tenants",
          params: Type.Object({ lane: LaneSchema }),
          body: Change,
        },
      },
      async (request, reply) => {
        const principal = demandHome(principalOf(request));
        const { paused, reason } = request.body;
        await pauseLane(db, { lane: request.params.lane, paused, reason }, principal);
        return reply.code(204).send();
      },
    );
  };
}

import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { writeAudit } from "@axial/store/audit";
import { makeSweepsDue, readPolicies, reportRetention } from "@axial/store/retention";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { demandHome, Nullable } from "./common.ts";

const Days = Nullable(Type.Integer({ description: "null: keep for ever" }));

const RetentionSchema = Type.Object({
  policy: Type.Object({
    imagesDays: Days,
    studiesDays: Days,
    supersededDays: Days,
    auditDays: Days,
    deliveriesDays: Days,
    imageBytes: Nullable(Type.Integer({ description: "null: no limit" })),
  }),
  due: Type.Object({
    studies: Type.Integer({ description: "studies that will be removed entirely" }),
    images: Type.Integer({ description: "studies whose images will be removed" }),
  }),
  imageBytes: Type.Integer({ description: "bytes held by finished studies, as last measured" }),
  underHold: Type.Integer({ description: "studies under legal hold" }),
});

const config = { role: "admin" } as const;

/** What retention would remove, and a way to sweep now. */
export function retentionRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/retention",
      {
        config,
        schema: {
          summary: "Get the tenant's retention policy and what is due; removes nothing",
          response: { 200: RetentionSchema },
        },
      },
      async (request) => {
        const [found] = await readPolicies(db, principalOf(request).tenant);
        if (found === undefined) throw new AxialError("not-found");
        const { tenant: _, ...policy } = found;
        const { studies, images, imageBytes, underHold } = await reportRetention(db, found);
        return { policy, due: { studies, images }, imageBytes, underHold };
      },
    );

    server.post(
      "/api/v1/retention/sweep",
      {
        config,
        schema: { summary: "Run every sweep within seconds", response: { 202: Type.Null() } },
      },
      async (request, reply) => {
        const principal = demandHome(principalOf(request));
        await makeSweepsDue(db);
        await writeAudit(db, { principal, action: "retention.sweep" });
        return reply.code(202).send(null);
      },
    );
  };
}

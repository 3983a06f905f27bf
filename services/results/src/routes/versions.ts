import { AxialError } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { earlierVersions } from "@axial/store/versions";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyParams, TimestampSchema } from "./common.ts";

const VersionsSchema = Type.Object({
  versions: Type.Array(
    Type.Object({
      id: Type.String(),
      series: Type.String(),
      instance: Type.String({ description: "SOP Instance UID" }),
      bytes: Type.Integer(),
      replacedAt: TimestampSchema,
      keepUntil: Type.Union([TimestampSchema, Type.Null()], {
        description: "null: as long as the study",
      }),
      href: Type.String({ description: "the file as it was received" }),
    }),
  ),
});

const PATH = "/api/v1/studies/:study/versions";
const config = { role: "operator", audit: "study.read" } as const;
const tags = ["studies"];

/** Versions of a study's instances that newer ones replaced, and their files. */
export function versionRoutes({ db, blobs }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const summary = "Earlier versions of the study's instances, the last replaced first";
    server.get(
      PATH,
      {
        config,
        schema: { summary, tags, params: StudyParams, response: { 200: VersionsSchema } },
      },
      async (request) => {
        const { study } = request.params;
        const found = await earlierVersions(db, { tenant: principalOf(request).tenant, study });
        return {
          versions: found.map(({ id, series, instance, bytes, replacedAt, keepUntil }) => ({
            ...{ id, series, instance, bytes },
            replacedAt: replacedAt.toISOString(),
            keepUntil: keepUntil?.toISOString() ?? null,
            href: `/api/v1/studies/${study}/versions/${id}`,
          })),
        };
      },
    );

    const params = Type.Intersect([
      StudyParams,
      Type.Object({ version: Type.String({ pattern: "^[0-9a-f]{32}$" }) }),
    ]);
    server.get(
      `${PATH}/:version`,
      { config, schema: { summary: "An earlier version, as it was received", tags, params } },
      async (request, reply) => {
        const { study, version: id } = request.params;
        const { tenant } = principalOf(request);
        const [found] = await earlierVersions(db, { tenant, study, id });
        if (found === undefined) throw new AxialError("not-found", { detail: "no such version" });
        const file = await blobs.getStream(found.blob);
        return reply.type("application/dicom").send(file);
      },
    );
  };
}

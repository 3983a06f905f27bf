import { AxialError, type StudyId } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { findStudy } from "@axial/store/planning";
import { liftHold, placeHold } from "@axial/store/retention";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { FastifyRequest } from "fastify";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyParams } from "./common.ts";

const PATH = "/api/v1/studies/:study/hold";
const tags = ["studies"];
const config = { role: "admin" } as const;

/** Legal hold: while a study is under it, retention removes nothing of it. */
export function holdRoutes({ db }: Dependencies): FastifyPluginAsyncTypebox {
  const studyOf = async (request: FastifyRequest<{ Params: { study: string } }>) => {
    const study = await findStudy(db, principalOf(request).tenant, request.params.study);
    if (study === null) throw new AxialError("not-found", { detail: "no such study" });
    return study;
  };
  return async (server) => {
    const summary = "Put the study under legal hold";
    const body = Type.Object({ reason: Type.String({ minLength: 1, maxLength: 1_000 }) });
    server.put(
      PATH,
      { config, schema: { summary, tags, params: StudyParams, body } },
      async (request, reply) => {
        const study: StudyId = await studyOf(request);
        await placeHold(db, { study, reason: request.body.reason }, principalOf(request));
        return reply.code(204).send();
      },
    );

    const lifting = "Lift the legal hold";
    const querystring = Type.Object({ reason: Type.Optional(body.properties.reason) });
    server.delete(
      PATH,
      { config, schema: { summary: lifting, tags, params: StudyParams, querystring } },
      async (request, reply) => {
        const hold = { study: await studyOf(request), reason: request.query.reason };
        if (!(await liftHold(db, hold, principalOf(request)))) {
          throw new AxialError("conflict", { detail: "the study is under no hold" });
        }
        return reply.code(204).send();
      },
    );
  };
}

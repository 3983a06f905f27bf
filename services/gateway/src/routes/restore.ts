import { StudyStateSchema, UidSchema } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import { restoreInstances } from "@axial/store/deletion";
import { readStudyState } from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyParams } from "./common.ts";

const What = Type.Union([
  Type.Null(),
  Type.Object(
    { series: Type.Optional(UidSchema), instance: Type.Optional(UidSchema) },
    { description: "a series of it, or an instance; all that was deleted of the study without" },
  ),
]);
const Restored = Type.Object({
  study: Type.String(),
  state: StudyStateSchema,
  instances: Type.Integer({ description: "that are back" }),
});

/** `POST …/restore`: brings back what was deleted, until it is swept, and has it planned. */
export function restoreRoutes({ db, blobs }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const summary = "Bring back what was deleted of the study";
    const body = Type.Optional(What);
    const schema = { summary, tags: ["studies"], params: StudyParams, body };
    server.post(
      "/api/v1/studies/:study/restore",
      { config: { role: "admin" }, schema: { ...schema, response: { 200: Restored } } },
      async (request) => {
        const by = principalOf(request);
        const { study } = request.params;
        const deletion = { tenant: by.tenant, study, ...request.body };
        const restored = await restoreInstances(db, blobs, { deletion, by });
        const now = await readStudyState(db, restored.study);
        return { study, state: now?.state ?? "closed", instances: restored.instances };
      },
    );
  };
}

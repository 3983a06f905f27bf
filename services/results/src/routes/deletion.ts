import { principalOf, withdrawJobs } from "@axial/kit";
import { deleteInstances } from "@axial/store/deletion";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { StudyUidSchema } from "./common.ts";

const SERIES = "/api/v1/studies/:study/series/:series";
const PATHS = [
  ["/api/v1/studies/:study", "Delete a study with its results"],
  [SERIES, "Delete a series; the rest of its study is planned anew"],
  [`${SERIES}/instances/:instance`, "Delete an instance; the rest of its study is planned anew"],
] as const;

const Params = Type.Object({
  study: StudyUidSchema,
  series: Type.Optional(StudyUidSchema),
  instance: Type.Optional(StudyUidSchema),
});

/** `DELETE` of a study, a series or an instance, for admins; refused under legal hold. */
export function deletionRoutes({ db, queues }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    for (const [path, summary] of PATHS) {
      server.delete(
        path,
        { config: { role: "admin" }, schema: { summary, tags: ["studies"], params: Params } },
        async (request, reply) => {
          const principal = principalOf(request);
          const deletion = { tenant: principal.tenant, ...request.params };
          await withdrawJobs(queues, await deleteInstances(db, deletion, principal));
          return reply.code(204).send();
        },
      );
    }
  };
}

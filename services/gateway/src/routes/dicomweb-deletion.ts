import { principalOf, withdrawJobs } from "@axial/kit";
import { deleteInstances } from "@axial/store/deletion";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import type { Dependencies } from "../dependencies.ts";
import { DELETE_PATHS, ResourceParams } from "./common.ts";

/**
 * `DELETE` of a study, a series or an instance where DICOMweb is mounted: the same as under
 * `/api/v1`, for clients that know archives.
 */
export function dicomwebDeletionRoutes({ db, queues }: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    const schema = { summary: "Delete (admin)", tags: ["DICOMweb"], params: ResourceParams };
    for (const path of DELETE_PATHS) {
      server.delete(path, { config: { role: "admin" }, schema }, async (request, reply) => {
        const principal = principalOf(request);
        const { study, series, instance } = request.params;
        const deletion = { tenant: principal.tenant, study, series, instance };
        await withdrawJobs(queues, await deleteInstances(db, deletion, principal));
        return reply.code(204).send();
      });
    }
  };
}

import { principalOf } from "@axial/kit";
import type { TagSnapshot } from "@axial/store/ingest";
import { listOwnInstances } from "@axial/store/own";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { noSuchHeatmap, readHeatmap } from "../objects/read-heatmap.ts";
import { heatmapUids } from "../render/sr/heatmap-references.ts";
import { renderHeatmapObject } from "../render/sr/render-heatmap-object.ts";
import { HEATMAP_ID_PATTERN, parseHeatmapId } from "../views/heatmap-id.ts";
import { StudyParams, studyOf } from "./common.ts";

const Params = Type.Intersect([
  StudyParams,
  Type.Object({ heatmap: Type.String({ pattern: HEATMAP_ID_PATTERN }) }),
]);

/** `GET …/heatmaps/{id}.{png,dcm}`: a slice with the evidence for its label over it. */
export function heatmapRoutes(dependencies: Dependencies): FastifyPluginAsyncTypebox {
  return async (server) => {
    server.get(
      "/api/v1/studies/:study/heatmaps/:heatmap.png",
      {
        config: { role: "reader", audit: "study.read" },
        schema: { summary: "Get a slice with its class map as PNG", params: Params },
      },
      async (request, reply) => {
        const { study, heatmap } = request.params;
        const { tenant } = principalOf(request);
        const record = await studyOf(dependencies, tenant, study);
        const { drawn } = await readHeatmap(dependencies, record, parseHeatmapId(heatmap));
        const png = await dependencies.drawings.png(tenant, drawn);
        return reply.type("image/png").send(png);
      },
    );
    server.get(
      "/api/v1/studies/:study/heatmaps/:heatmap.dcm",
      {
        config: { role: "reader", audit: "study.read" },
        schema: {
          summary: "Get a slice with its class map as DICOM Secondary Capture",
          params: Params,
        },
      },
      async (request, reply) => {
        const { study, heatmap } = request.params;
        const { tenant } = principalOf(request);
        const record = await studyOf(dependencies, tenant, study);
        const ref = parseHeatmapId(heatmap);
        reply.type("application/dicom");
        const uid = heatmapUids(ref).sopInstanceUid;
        const own = await listOwnInstances(dependencies.db, record.study.id);
        const kept = own.find(({ sopInstanceUid }) => sopInstanceUid === uid);
        if (kept !== undefined) return reply.send(await dependencies.blobs.get(kept.blob));
        const read = await readHeatmap(dependencies, record, ref);
        if (read.source === null) throw noSuchHeatmap();
        const object = renderHeatmapObject({
          ...{
            ref,
            source: read.source,
            picture: await dependencies.drawings.picture(tenant, read.drawn),
          },
          study: { studyUid: record.study.study_uid, tags: record.study.tags as TagSnapshot },
          model: read.prediction.model_id,
          createdAt: read.prediction.created_at,
        });
        return reply.send(object);
      },
    );
  };
}

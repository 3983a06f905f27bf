import { AxialError, type Distribution, type ModelPackage } from "@axial/contracts";
import { principalOf } from "@axial/kit";
import type { TagSnapshot } from "@axial/store/ingest";
import { findInstance, type StudyRecord } from "@axial/store/views";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { Type } from "typebox";
import type { Dependencies } from "../dependencies.ts";
import { readResultBytes } from "../recorder/read-result-bytes.ts";
import type { HeatmapSource } from "../render/heatmap/heatmap-messages.ts";
import type { ImageRef } from "../render/report/report.ts";
import { statementsOf } from "../render/report/statements.ts";
import { renderHeatmapObject } from "../render/sr/render-heatmap-object.ts";
import { HEATMAP_ID_PATTERN, type HeatmapRef, parseHeatmapId } from "../views/heatmap-id.ts";
import { StudyParams, studyOf } from "./common.ts";

const Params = Type.Intersect([
  StudyParams,
  Type.Object({ heatmap: Type.String({ pattern: HEATMAP_ID_PATTERN }) }),
]);

/** A prediction never changes, and neither does its picture. */
const CACHE_CONTROL = "private, max-age=86400, immutable";

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
        const png = await dependencies.heatmaps.png(tenant, drawn);
        return reply.type("image/png").header("cache-control", CACHE_CONTROL).send(png);
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
        const read = await readHeatmap(dependencies, record, ref);
        if (read.source === null) throw noSuchHeatmap();
        const object = renderHeatmapObject({
          ...{
            ref,
            source: read.source,
            picture: await dependencies.heatmaps.picture(tenant, read.drawn),
          },
          study: { studyUid: record.study.study_uid, tags: record.study.tags as TagSnapshot },
          model: read.prediction.model_id,
          createdAt: read.prediction.created_at,
        });
        return reply.type("application/dicom").header("cache-control", CACHE_CONTROL).send(object);
      },
    );
  };
}

interface ReadHeatmap {
  readonly drawn: HeatmapSource;
  readonly prediction: StudyRecord["predictions"][number];
  /** The slice as a DICOM object; null for a PNG or JPEG. */
  readonly source: ImageRef | null;
}

async function readHeatmap(
  { db, blobs, models }: Dependencies,
  { study, predictions, series }: StudyRecord,
  ref: HeatmapRef,
): Promise<ReadHeatmap> {
  const prediction = predictions.find((row) => row.id === ref.prediction);
  const slice = prediction?.result.slices[ref.slice];
  if (prediction === undefined || slice?.heatmap === undefined) throw noSuchHeatmap();
  const model = await models.find(prediction.model_id, prediction.model_version);
  if (model === undefined) throw new AxialError("model-not-found");
  const instance = await findInstance(db, {
    tenant: study.tenant_id,
    study: study.id,
    sopInstanceUid: slice.sopInstanceUid,
  });
  if (instance === null) throw noSuchHeatmap();
  const [file, maps] = await Promise.all([
    blobs.get(instance.blob),
    readResultBytes(blobs, slice.heatmap),
  ]);
  const { preprocessing, input } = model;
  const drawn = {
    ...{ kind: instance.kind, file, frame: slice.frame },
    ...{ maps, slice: ref.slice, turn: slice.turn ?? null },
    ...{ model: { preprocessing, input }, caption: captionOf(prediction, model) },
  };
  const seriesUid = series.find(({ id }) => id === prediction.series_id)?.series_uid ?? "";
  const source = {
    ...{ seriesUid, sopInstanceUid: slice.sopInstanceUid },
    ...{ sopClassUid: instance.sop_class_uid, frame: slice.frame > 0 ? slice.frame + 1 : null },
  };
  return {
    drawn,
    prediction,
    source: instance.kind === "dicom" ? source : null,
  };
}

function captionOf({ result }: StudyRecord["predictions"][number], model: ModelPackage): string[] {
  const [first] = result.distributions;
  const share = ((first?.probability ?? 0) * 100).toFixed(0);
  return [
    `What speaks for: ${leadingDisplay(first, model)} (${share}%)`,
    `${result.model.id} ${result.model.version} - ${result.model.evidence}`,
    ...statementsOf(result),
  ];
}

/** The most probable label, which is what the map explains, also where the model abstains. */
function leadingDisplay(first: Distribution | undefined, { heads }: ModelPackage): string {
  const [label] = Object.entries(first?.probabilities ?? {}).toSorted(([, a], [, b]) => b - a);
  return heads[0]?.labels.find(({ id }) => id === label?.[0])?.display ?? first?.display ?? "";
}

function noSuchHeatmap(): AxialError {
  return new AxialError("not-found", { detail: "no such heat map" });
}

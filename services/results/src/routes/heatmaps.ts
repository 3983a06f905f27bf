import { AxialError, decodeHeatMaps, domainStatement, EVIDENCE_STATEMENT } from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { decodeImageFile } from "@axial/imaging";
import { principalOf } from "@axial/kit";
import { findInstance, type StudyRecord } from "@axial/store/views";
import { Type } from "typebox";
import type { RouteDependencies } from "../dependencies.ts";
import { renderHeatmap } from "../render/heatmap/render-heatmap.ts";
import { HEATMAP_ID_PATTERN, type HeatmapRef, parseHeatmapId } from "../views/heatmap-id.ts";
import { type ApiServer, StudyParams, studyOf } from "./common.ts";

const Params = Type.Intersect([
  StudyParams,
  Type.Object({ heatmap: Type.String({ pattern: HEATMAP_ID_PATTERN }) }),
]);

/** A prediction never changes, and neither does its picture. */
const CACHE_CONTROL = "private, max-age=86400, immutable";

/** `GET …/heatmaps/{id}.png`: a slice with the evidence for its label over it. */
export function heatmapRoutes(server: ApiServer, dependencies: RouteDependencies): void {
  server.get(
    "/api/v1/studies/:study/heatmaps/:heatmap.png",
    {
      config: { role: "reader" },
      schema: { summary: "A slice with its class map, PNG", params: Params },
    },
    async (request, reply) => {
      const { study, heatmap } = request.params;
      const record = await studyOf(dependencies, principalOf(request).tenant, study);
      const png = await drawHeatmap(dependencies, record, parseHeatmapId(heatmap));
      return reply.type("image/png").header("cache-control", CACHE_CONTROL).send(png);
    },
  );
}

async function drawHeatmap(
  { db, blobs, models }: RouteDependencies,
  { study, predictions }: StudyRecord,
  ref: HeatmapRef,
): Promise<Buffer> {
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
  const [bytes, maps] = await Promise.all([blobs.get(instance.blob), blobs.get(slice.heatmap)]);
  const frame =
    instance.kind === "dicom"
      ? await decodeFrame(readInstance(bytes), slice.frame)
      : await decodeImageFile(bytes);
  return renderHeatmap({
    frame,
    maps: decodeHeatMaps(maps),
    slice: ref.slice,
    model,
    caption: captionOf(prediction),
  });
}

function captionOf({ result }: StudyRecord["predictions"][number]): string[] {
  const [first] = result.distributions;
  const unknown = domainStatement(result.domain);
  const share = ((first?.probability ?? 0) * 100).toFixed(0);
  return [
    `What speaks for: ${first?.display ?? ""} (${share}%)`,
    `${result.model.id} ${result.model.version} - ${result.model.evidence}`,
    EVIDENCE_STATEMENT[result.model.evidence],
    ...(unknown === null ? [] : [unknown]),
  ];
}

function noSuchHeatmap(): AxialError {
  return new AxialError("not-found", { detail: "no such heat map" });
}

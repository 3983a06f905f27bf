import { AxialError, type Distribution, type ModelPackage } from "@axial/contracts";
import { findInstance, type StudyRecord } from "@axial/store/views";
import type { Dependencies } from "../dependencies.ts";
import { readResultBytes } from "../recorder/read-result-bytes.ts";
import type { HeatmapSource } from "../render/drawing/messages.ts";
import type { ImageRef } from "../render/report/report.ts";
import { statementsOf } from "../render/report/statements.ts";
import type { HeatmapRef } from "../views/heatmap-id.ts";

export interface ReadHeatmap {
  /** Reads the bytes that it is drawn of: called when its turn has come, not before. */
  readonly drawn: () => Promise<HeatmapSource>;
  readonly prediction: StudyRecord["predictions"][number];
  /** The slice as a DICOM object; null for a PNG or JPEG. */
  readonly source: ImageRef | null;
}

/** Finds what a heat map is drawn of. Throws `not-found` where the prediction has none there. */
export async function readHeatmap(
  { db, blobs, models }: Pick<Dependencies, "db" | "blobs" | "models">,
  { study, predictions, series }: StudyRecord,
  ref: HeatmapRef,
): Promise<ReadHeatmap> {
  const prediction = predictions.find((row) => row.id === ref.prediction);
  const slice = prediction?.result.slices[ref.slice];
  const heatmap = slice?.heatmap;
  if (prediction === undefined || slice === undefined || heatmap === undefined) {
    throw noSuchHeatmap();
  }
  const model = await models.find(prediction.model_id, prediction.model_version);
  if (model === undefined) throw new AxialError("model-not-found");
  const found = await findInstance(db, {
    tenant: study.tenant_id,
    study: study.id,
    sopInstanceUid: slice.sopInstanceUid,
  });
  if (found === null) throw noSuchHeatmap();
  const seriesUid = series.find(({ id }) => id === prediction.series_id)?.series_uid ?? "";
  const { preprocessing, input } = model;
  return {
    drawn: async () => {
      const [file, maps] = await Promise.all([
        blobs.get(found.blob),
        readResultBytes(blobs, heatmap),
      ]);
      return {
        ...{ kind: found.kind, file, frame: slice.frame },
        ...{ maps, slice: ref.slice, turn: slice.turn ?? null },
        ...{ model: { preprocessing, input }, caption: captionOf(prediction, model) },
      };
    },
    prediction,
    source:
      found.kind === "dicom"
        ? {
            ...{ seriesUid, sopInstanceUid: slice.sopInstanceUid },
            sopClassUid: found.sop_class_uid,
            frame: slice.frame > 0 ? slice.frame + 1 : null,
          }
        : null,
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

export function noSuchHeatmap(): AxialError {
  return new AxialError("not-found", { detail: "no such heat map" });
}

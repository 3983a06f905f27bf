import { asAxialError, type ResultFormat } from "@axial/contracts";
import type { TagSnapshot } from "@axial/store/ingest";
import type { Dependencies } from "../dependencies.ts";
import { PDF_SERIES, renderEncapsulatedPdf } from "../render/pdf/render-encapsulated-pdf.ts";
import { keptHeatmaps } from "../render/sr/heatmap-references.ts";
import {
  HEATMAP_SERIES_NUMBER,
  heatmapSeriesDescription,
  renderHeatmapObject,
} from "../render/sr/render-heatmap-object.ts";
import { renderSr, SR_SERIES } from "../render/sr/render-sr.ts";
import type { HeatmapRef } from "../views/heatmap-id.ts";
import { predecessorOf } from "./object-uids.ts";
import { readHeatmap } from "./read-heatmap.ts";
import type { RunSources } from "./run-sources.ts";

type Needed = Pick<Dependencies, "db" | "blobs" | "models" | "drawings">;

/** An object of a run as a DICOM file, and what a search finds its series by. */
interface RenderedObject {
  readonly format: ResultFormat;
  readonly bytes: Buffer;
  readonly seriesTags: TagSnapshot;
}

/**
 * The DICOM objects of a run, one at a time: heat maps are as large as their slices.
 */
export async function* renderObjects(
  dependencies: Needed,
  sources: RunSources,
): AsyncGenerator<RenderedObject> {
  const { report } = sources;
  yield {
    format: "sr",
    bytes: renderSr(report, predecessorOf(sources)),
    seriesTags: seriesTags(SR_SERIES),
  };
  const pdf = await dependencies.drawings.page(sources.record.study.tenant_id, report);
  yield {
    format: "pdf",
    bytes: renderEncapsulatedPdf(report, pdf),
    seriesTags: seriesTags(PDF_SERIES),
  };
  for (const ref of report.findings.flatMap(keptHeatmaps)) {
    const object = await renderOneHeatmap(dependencies, sources, ref);
    if (object !== null) yield object;
  }
}

/** Null for one that cannot be drawn any more, or never: the others, and the report, stand. */
async function renderOneHeatmap(
  dependencies: Needed,
  sources: RunSources,
  ref: HeatmapRef,
): Promise<RenderedObject | null> {
  try {
    return await drawOneHeatmap(dependencies, sources, ref);
  } catch (thrown) {
    const { code, retryable } = asAxialError(thrown);
    if (code === "internal" || retryable) throw thrown;
    return null;
  }
}

async function drawOneHeatmap(
  dependencies: Needed,
  { record }: RunSources,
  ref: HeatmapRef,
): Promise<RenderedObject | null> {
  const read = await readHeatmap(dependencies, record, ref);
  if (read.source === null) return null;
  const { model_id: model, created_at: createdAt } = read.prediction;
  const picture = await dependencies.drawings.picture(record.study.tenant_id, read.drawn);
  const bytes = renderHeatmapObject({
    ...{ ref, source: read.source, picture, model, createdAt },
    study: { studyUid: record.study.study_uid, tags: record.study.tags as TagSnapshot },
  });
  const description = heatmapSeriesDescription(model);
  const tags = seriesTags({ modality: "OT", number: HEATMAP_SERIES_NUMBER, description });
  return { format: "heatmaps", bytes, seriesTags: tags };
}

interface SeriesNames {
  readonly modality: string;
  readonly number: string;
  readonly description: string;
}

function seriesTags({ modality, number, description }: SeriesNames): TagSnapshot {
  return {
    "00080060": { vr: "CS", Value: [modality] },
    "0008103E": { vr: "LO", Value: [description] },
    "00200011": { vr: "IS", Value: [Number(number)] },
  };
}

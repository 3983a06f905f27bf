import { decodeHeatMaps } from "@axial/contracts";
import { decodeFrame, readInstance } from "@axial/dicom";
import { decodeImageFile, serveTenants } from "@axial/imaging";
import { drawHeatmap, type HeatmapPicture, pngOf } from "../heatmap/render-heatmap.ts";
import { sliceGeometry } from "../heatmap/slice-geometry.ts";
import { renderPdf } from "../pdf/render-pdf.ts";
import type { Drawing, DrawingCommand, HeatmapSource } from "./messages.ts";

async function run(command: DrawingCommand): Promise<Drawing> {
  if (command.kind === "page") {
    return { bytes: await renderPdf(command.report), width: 0, height: 0, geometry: null };
  }
  const picture = await heatmapOf(command.source);
  const { width, height, pixels, geometry } = picture;
  const bytes = command.format === "png" ? await pngOf(picture) : pixels;
  return { width, height, bytes, geometry };
}

async function heatmapOf(source: HeatmapSource): Promise<HeatmapPicture> {
  const { slice, turn, model, caption } = source;
  const { frame, geometry } = await sliceOf(source);
  const maps = decodeHeatMaps(source.maps);
  return { ...drawHeatmap({ frame, maps, slice, turn, model, caption }), geometry };
}

async function sliceOf({ kind, file, frame }: HeatmapSource) {
  if (kind === "image") return { frame: await decodeImageFile(file), geometry: null };
  const instance = readInstance(file);
  return {
    frame: await decodeFrame(instance, frame),
    geometry: sliceGeometry(instance.dataset, frame),
  };
}

/** The script of the thread that draws. */
serveTenants<DrawingCommand, Drawing>({ run });

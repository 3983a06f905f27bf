import { decodeHeatMaps } from "@axial/contracts";
import { decodeFrame, type Frame, readInstance } from "@axial/dicom";
import { decodeImageFile, serveTenants } from "@axial/imaging";
import { drawHeatmap, type Picture, pngOf } from "../heatmap/render-heatmap.ts";
import { renderPdf } from "../pdf/render-pdf.ts";
import type { Drawing, DrawingCommand, HeatmapSource } from "./messages.ts";

async function run(command: DrawingCommand): Promise<Drawing> {
  if (command.kind === "page") {
    return { bytes: await renderPdf(command.report), width: 0, height: 0 };
  }
  const picture = await heatmapOf(command.source);
  const { width, height, pixels } = picture;
  return { width, height, bytes: command.format === "png" ? await pngOf(picture) : pixels };
}

async function heatmapOf(source: HeatmapSource): Promise<Picture> {
  const { slice, turn, model, caption } = source;
  const frame = await frameOf(source);
  const maps = decodeHeatMaps(source.maps);
  return drawHeatmap({ frame, maps, slice, turn, model, caption });
}

function frameOf({ kind, file, frame }: HeatmapSource): Promise<Frame> {
  return kind === "dicom" ? decodeFrame(readInstance(file), frame) : decodeImageFile(file);
}

/** The script of the thread that draws. */
serveTenants<DrawingCommand, Drawing>({ run });

import { decodeHeatMaps } from "@axial/contracts";
import { decodeFrame, type Frame, readInstance } from "@axial/dicom";
import { decodeImageFile, serveTenants } from "@axial/imaging";
import type { HeatmapCommand, HeatmapResult, HeatmapSource } from "./heatmap-messages.ts";
import { drawHeatmap, pngOf } from "./render-heatmap.ts";

async function run({ source, format }: HeatmapCommand): Promise<HeatmapResult> {
  const { slice, turn, model, caption } = source;
  const frame = await frameOf(source);
  const maps = decodeHeatMaps(source.maps);
  const picture = drawHeatmap({ frame, maps, slice, turn, model, caption });
  const { width, height, pixels } = picture;
  return { width, height, bytes: format === "png" ? await pngOf(picture) : pixels };
}

function frameOf({ kind, file, frame }: HeatmapSource): Promise<Frame> {
  return kind === "dicom" ? decodeFrame(readInstance(file), frame) : decodeImageFile(file);
}

/** The script of a thread that decodes a slice and draws its class map over it. */
serveTenants<HeatmapCommand, HeatmapResult>({ run });

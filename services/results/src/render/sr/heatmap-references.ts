import { stableUid } from "@axial/contracts";
import type { HeatmapRef } from "../../views/heatmap-id.ts";
import type { Finding, ImageRef } from "../report/report.ts";

const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";

/** Rendered otherwise it is another object: raise it with the picture's looks. */
const DRAWING = "2";

/** The UIDs of a heat map as a DICOM object: the same whenever it is rendered. */
export function heatmapUids({ prediction, slice }: HeatmapRef): Omit<ImageRef, "frame"> {
  return {
    seriesUid: stableUid("heat map series", DRAWING, prediction),
    sopInstanceUid: stableUid("heat map", DRAWING, prediction, String(slice)),
    sopClassUid: SECONDARY_CAPTURE,
  };
}

/** The heat maps of a finding, as `…/heatmaps/{id}.dcm` renders them. */
export function heatmapRefs({ id, result }: Finding): ImageRef[] {
  return result.slices.flatMap(({ heatmap }, slice) =>
    heatmap === undefined ? [] : [{ ...heatmapUids({ prediction: id, slice }), frame: null }],
  );
}

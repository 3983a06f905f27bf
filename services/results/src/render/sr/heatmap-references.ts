import { stableUid, type TaskResult } from "@axial/contracts";
import type { HeatmapRef } from "../../views/heatmap-id.ts";
import type { Finding, ImageRef } from "../report/report.ts";

export const SECONDARY_CAPTURE = "1.2.840.10008.5.1.4.1.1.7";
/**
 * Heat maps of a finding that become objects, those of the slices that speak most for its label: a
 * reader looks at a few, and each takes megabytes of an archive. The others are drawn when someone
 * asks for them.
 */
const MAX_OBJECTS = 3;

/** Rendered otherwise it is another object: raise it with the picture's looks. */
const DRAWING = "3";

/** The UIDs of a heat map as a DICOM object: the same whenever it is rendered. */
export function heatmapUids({ prediction, slice }: HeatmapRef): Omit<ImageRef, "frame"> {
  return {
    seriesUid: stableUid("heat map series", DRAWING, prediction),
    sopInstanceUid: stableUid("heat map", DRAWING, prediction, String(slice)),
    sopClassUid: SECONDARY_CAPTURE,
  };
}

/** The heat maps of a finding that are kept as objects, in the order of their slices. */
export function keptHeatmaps({ id, result }: Pick<Finding, "id" | "result">): HeatmapRef[] {
  const most = result.slices
    .flatMap(({ heatmap, probabilities }, slice) =>
      heatmap === undefined ? [] : [{ slice, speaks: leadingShare(result, probabilities) }],
    )
    .toSorted((a, b) => b.speaks - a.speaks || a.slice - b.slice)
    .slice(0, MAX_OBJECTS);
  return most.toSorted((a, b) => a.slice - b.slice).map(({ slice }) => ({ prediction: id, slice }));
}

/** How probable a slice finds the series' most probable label. */
function leadingShare(
  { distributions: [first], labels }: TaskResult,
  probabilities: TaskResult["slices"][number]["probabilities"],
): number {
  if (first === undefined) return 0;
  const [leading] = Object.entries(first.probabilities).toSorted(([, a], [, b]) => b - a);
  const order = labels?.[first.name] ?? Object.keys(first.probabilities);
  return probabilities[first.name]?.[order.indexOf(leading?.[0] ?? "")] ?? 0;
}

/** The kept heat maps of a finding, as the report refers to them. */
export function heatmapRefs(finding: Finding): ImageRef[] {
  return keptHeatmaps(finding).map((ref) => ({ ...heatmapUids(ref), frame: null }));
}

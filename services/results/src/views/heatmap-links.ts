import type { TaskResult } from "@axial/contracts";
import { heatmapId } from "./heatmap-id.ts";

/** Where a heat map is, by path. */
export interface HeatmapLink {
  /** Index into the result's slices. */
  readonly slice: number;
  readonly href: string;
}

interface Explained {
  readonly id: string;
  readonly result: TaskResult;
}

/** The heat maps of a prediction as PNG; `.dcm` in place of `.png` is the same as DICOM. */
export function heatmapLinks(studyUid: string, { id, result }: Explained): HeatmapLink[] {
  return result.slices.flatMap(({ heatmap }, slice) => {
    if (heatmap === undefined) return [];
    const name = heatmapId({ prediction: id, slice });
    return [{ slice, href: `/api/v1/studies/${studyUid}/heatmaps/${name}.png` }];
  });
}

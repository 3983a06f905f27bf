/** A slice of a prediction: what a heat map is of. */
export interface HeatmapRef {
  readonly prediction: string;
  /** Index into the prediction's slices. */
  readonly slice: number;
}

/** What stands before `.png`; the opposite of `parseHeatmapId`. */
export const HEATMAP_ID_PATTERN = "^[0-9a-f]{32}-[0-9]{1,5}$";

export function heatmapId({ prediction, slice }: HeatmapRef): string {
  return `${prediction}-${slice}`;
}

export function parseHeatmapId(id: string): HeatmapRef {
  const [prediction = "", slice = ""] = id.split("-");
  return { prediction, slice: Number(slice) };
}

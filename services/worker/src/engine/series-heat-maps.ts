import { type Distribution, encodeHeatMaps, type ModelPackage } from "@axial/contracts";
import { indexOfMax } from "./aggregate.ts";
import type { SliceOutputs } from "./slice-work.ts";

/**
 * The heat-map blob of a series: for each slice the class map of the label that is most probable
 * for the series, so that all overlays explain the one result. Returns null for a model without
 * maps.
 */
export function seriesHeatMaps(
  { heads, explanation }: ModelPackage,
  slices: readonly SliceOutputs[],
  distributions: readonly Distribution[],
): Uint8Array | null {
  if (explanation === undefined) return null;
  const given = distributions[0]?.probabilities ?? {};
  const label = indexOfMax(heads[0]?.labels.map(({ id }) => given[id] ?? 0) ?? []);
  const [, height = 0, width = 0] = slices[0]?.[explanation.output]?.shape ?? [];
  const cells = height * width;
  const maps = slices.map((slice) => {
    const values = slice[explanation.output]?.values ?? new Float32Array();
    return values.subarray(label * cells, (label + 1) * cells);
  });
  return encodeHeatMaps({ label, height, width }, maps);
}

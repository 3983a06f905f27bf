import type { Vector } from "../geometry.ts";
import { medianSpacing, placedSlices, placesOf } from "./places.ts";
import type { Slice } from "./slice.ts";

/** Cosine between two normals of one stack of parallel slices: 2.5 degrees. */
const PARALLEL_COSINE = 0.999;
/** A gap that is wider than both is between two stacks: the left knee and the right one. */
const WIDE_GAP_MM = 50;
const WIDE_GAP_SPACINGS = 5;
/** Hundredths of a millisecond, as echo times are written. */
const ECHO_DIGITS = 2;

/**
 * Slices that belong together: parallel, of one echo, b-value, time, image type, side and view,
 * without a wide gap. Where places are held twice by other pixels and the acquisition numbers tell
 * them apart, each acquisition is a stack. In the order in which they were first met.
 */
export function stacksOf<S extends Slice>(slices: readonly S[]): S[][] {
  const alike = Map.groupBy(slices, contrastKey);
  return [...alike.values()].flatMap(parallel).flatMap(withoutGaps).flatMap(acquisitions);
}

function contrastKey({ instance, ...slice }: Slice): string {
  return [
    slice.echoTime?.toFixed(ECHO_DIGITS),
    slice.diffusionBValue,
    slice.temporalPosition,
    slice.imageType.join("\\"),
    slice.laterality,
    instance.viewPosition,
  ].join("|");
}

function parallel<S extends Slice>(slices: readonly S[]): S[][] {
  const groups: { readonly normal: Vector | null; readonly members: S[] }[] = [];
  for (const slice of slices) {
    const group = groups.find(({ normal }) => isParallel(normal, slice.normal));
    if (group === undefined) groups.push({ normal: slice.normal, members: [slice] });
    else group.members.push(slice);
  }
  return groups.map(({ members }) => members);
}

function isParallel(a: Vector | null, b: Vector | null): boolean {
  if (a === null || b === null) return a === b;
  return Math.abs(a[0] * b[0] + a[1] * b[1] + a[2] * b[2]) >= PARALLEL_COSINE;
}

function withoutGaps<S extends Slice>(slices: S[]): S[][] {
  const placed = placedSlices(slices);
  if (placed.length !== slices.length || placed.length < 2) return [slices];
  const offsets = placed.map(({ along }) => along);
  const widest = Math.max(WIDE_GAP_MM, WIDE_GAP_SPACINGS * (medianSpacing(offsets) ?? 0));
  const parts: S[][] = [];
  placed.forEach(({ slice, along }, index) => {
    const gap = along - (offsets[index - 1] ?? Number.NEGATIVE_INFINITY);
    if (gap > widest) parts.push([slice]);
    else parts.at(-1)?.push(slice);
  });
  return parts;
}

function acquisitions<S extends Slice>(slices: S[]): S[][] {
  if (!repeats(slices)) return [slices];
  const parts = [...Map.groupBy(slices, (slice) => slice.acquisitionNumber).values()];
  return parts.length > 1 && !parts.some(repeats) ? parts : [slices];
}

function repeats(slices: readonly Slice[]): boolean {
  const { excluded } = placesOf(slices);
  return [...excluded.values()].some((why) => why !== "duplicate-place" && why !== "no-position");
}

import type { SliceRule } from "@axial/contracts";

/**
 * The slices that the model sees, of a series in slice order and kept in that order: all of them
 * (thinned evenly beyond `max`), the middle `count`, or the middle one.
 */
export function chooseSlices<Slice>(ordered: readonly Slice[], rule: SliceRule): Slice[] {
  switch (rule.kind) {
    case "all":
      return ordered.length <= rule.max ? [...ordered] : thinned(ordered, rule.max);
    case "central":
      return central(ordered, rule.count);
    case "single":
      return central(ordered, 1);
  }
}

function central<Slice>(ordered: readonly Slice[], count: number): Slice[] {
  const start = Math.max(0, Math.floor((ordered.length - count) / 2));
  return ordered.slice(start, start + count);
}

function thinned<Slice>(ordered: readonly Slice[], count: number): Slice[] {
  return Array.from({ length: count }, (_, index) =>
    Math.floor(((index + 0.5) * ordered.length) / count),
  ).flatMap((index) => ordered.slice(index, index + 1));
}

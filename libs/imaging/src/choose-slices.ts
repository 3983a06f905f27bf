import type { Plane, SliceRule, WindowPart } from "@axial/contracts";

/** The places of a stack: what is at each, and how far each is from the first. */
interface OrderedStack<Slice> {
  readonly slices: readonly Slice[];
  /** Millimetres from the first, ascending; null where they are not known. */
  readonly offsets: readonly number[] | null;
  /** Of slices that positions order, so that the first and the last are known ends; else null. */
  readonly plane: Plane | null;
}

/**
 * The slices that the model sees, in their order: all of them (thinned evenly beyond `max`), the
 * middle `count`, the middle one, or at most `count` over a part of the extent. Where offsets are
 * not known places count as equally far apart; null for a window in millimetres, which then cannot
 * be laid.
 */
export function chooseSlices<Slice>(stack: OrderedStack<Slice>, rule: SliceRule): Slice[] | null {
  const { slices, offsets } = stack;
  switch (rule.kind) {
    case "all":
      return slices.length <= rule.max ? [...slices] : thinned(slices, rule.max);
    case "central":
      return central(slices, rule.count);
    case "single":
      return central(slices, 1);
    case "spread": {
      const places = offsets ?? slices.map((_, index) => index);
      const extent = places.at(-1) ?? 0;
      const { from, to } = partFor(rule, stack.plane);
      return within({ slices, offsets: places }, rule.count, [extent * from, extent * to]);
    }
    case "window":
      if (offsets === null) return slices.length > 1 ? null : [...slices];
      return within({ slices, offsets }, rule.count, reach(partFor(rule, stack.plane), offsets));
  }
}

/** The part of the extent that a rule names for a plane. */
export function partFor<Part>(
  rule: Part & { readonly byPlane?: { readonly [P in Plane]?: Part } },
  plane: Plane | null,
): Part {
  return (plane === null ? undefined : rule.byPlane?.[plane]) ?? rule;
}

/** Where a window begins and ends, millimetres from the first place. */
function reach(
  { centre, offset = 0, millimetres }: WindowPart,
  offsets: readonly number[],
): readonly [number, number] {
  const middle = (offsets.at(-1) ?? 0) * centre + offset;
  return [middle - millimetres / 2, middle + millimetres / 2];
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

/** Rounding must not lose the place at the very edge of a part. */
const EDGE_MM = 1e-6;

/**
 * The slices between two distances, all where they are few enough, else those nearest to the
 * middles of `count` equal parts. Between two places lies none: then the one nearest to the middle.
 */
function within<Slice>(
  { slices, offsets }: { slices: readonly Slice[]; offsets: readonly number[] },
  count: number,
  [from, to]: readonly [number, number],
): Slice[] {
  const inside = offsets.flatMap((at, index) =>
    at >= from - EDGE_MM && at <= to + EDGE_MM ? [index] : [],
  );
  if (inside.length === 0) {
    const nearest = nearestTo((from + to) / 2, offsets, [...offsets.keys()]);
    return slices.slice(nearest, nearest + 1);
  }
  if (inside.length <= count) return inside.flatMap((index) => slices[index] ?? []);
  const part = (to - from) / count;
  const chosen = Array.from({ length: count }, (_, index) =>
    nearestTo(from + (index + 0.5) * part, offsets, inside),
  );
  return [...new Set(chosen)].flatMap((index) => slices[index] ?? []);
}

/** The candidate nearest to `wanted`, the first of two that are as near. */
function nearestTo(wanted: number, offsets: readonly number[], candidates: readonly number[]) {
  const distance = (index: number) => Math.abs((offsets[index] ?? 0) - wanted);
  return candidates.reduce(
    (best, next) => (distance(next) < distance(best) ? next : best),
    candidates[0] ?? 0,
  );
}

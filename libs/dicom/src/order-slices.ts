import type { InstanceFacts } from "@axial/contracts";
import { projection, sliceNormal } from "./geometry.ts";

/** Positions closer than this (millimetres) are the same place; scanners round to 1e-3. */
const SAME_POSITION_MM = 1e-3;

/** Cosine between two normals of one stack of parallel slices: 2.5 degrees. */
const PARALLEL_COSINE = 0.999;

/** How the slices of a series lie, and in which order. */
export interface SliceOrder {
  /** Indices into the facts that were given, first slice first. */
  readonly order: readonly number[];
  readonly by: "position" | "instance-number";
  /** Median distance of neighbours in millimetres; null when ordered by number or single. */
  readonly spacing: number | null;
  /** Indices whose place an earlier one in the order holds already. */
  readonly duplicates: readonly number[];
  /** Gaps of more than one and a half spacings. */
  readonly gaps: number;
}

/**
 * Order of one series' instances: by projection on the slice normal where every one has a position
 * and all are parallel, else by instance number. Ties fall to the instance number, then the UID,
 * so that the order does not depend on how the instances arrived.
 */
export function sliceOrder(facts: readonly InstanceFacts[]): SliceOrder {
  const positions = projections(facts);
  const order = facts.map((_, index) => index).sort((a, b) => compare(facts, positions, [a, b]));
  if (positions === null) {
    return { order, by: "instance-number", spacing: null, duplicates: [], gaps: 0 };
  }
  return { order, by: "position", ...spacingOf(order, positions) };
}

/** `facts` in slice order, see `sliceOrder`. */
export function orderSlices(facts: readonly InstanceFacts[]): InstanceFacts[] {
  return sliceOrder(facts).order.flatMap((index) => facts[index] ?? []);
}

function compare(
  facts: readonly InstanceFacts[],
  positions: readonly number[] | null,
  [a, b]: readonly [number, number],
): number {
  const along = (positions?.[a] ?? 0) - (positions?.[b] ?? 0);
  if (Math.abs(along) > SAME_POSITION_MM) return along;
  const byNumber =
    (facts[a]?.instanceNumber ?? Number.MAX_SAFE_INTEGER) -
    (facts[b]?.instanceNumber ?? Number.MAX_SAFE_INTEGER);
  if (byNumber !== 0) return byNumber;
  const [first, second] = [facts[a]?.sopInstanceUid ?? "", facts[b]?.sopInstanceUid ?? ""];
  return first < second ? -1 : Number(first > second);
}

/** Place of each instance along the first one's normal; null when that orders nothing. */
function projections(facts: readonly InstanceFacts[]): number[] | null {
  const normal = sliceNormal(facts[0]?.orientation ?? []);
  if (normal === null) return null;
  const places: number[] = [];
  for (const { position, orientation } of facts) {
    const own = sliceNormal(orientation ?? []);
    if (position === null || own === null) return null;
    const cosine = own[0] * normal[0] + own[1] * normal[1] + own[2] * normal[2];
    if (cosine < PARALLEL_COSINE) return null;
    places.push(projection(position, normal));
  }
  return places;
}

function spacingOf(
  order: readonly number[],
  positions: readonly number[],
): Pick<SliceOrder, "spacing" | "duplicates" | "gaps"> {
  const duplicates: number[] = [];
  const distances: number[] = [];
  for (let i = 1; i < order.length; i += 1) {
    const distance = (positions[order[i] ?? 0] ?? 0) - (positions[order[i - 1] ?? 0] ?? 0);
    if (distance <= SAME_POSITION_MM) duplicates.push(order[i] ?? 0);
    else distances.push(distance);
  }
  if (distances.length === 0) return { spacing: null, duplicates, gaps: 0 };
  const sorted = distances.toSorted((a, b) => a - b);
  const spacing = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { spacing, duplicates, gaps: distances.filter((mm) => mm > 1.5 * spacing).length };
}

import { projection } from "../geometry.ts";
import type { Slice } from "./slice.ts";

/** Positions closer than this (millimetres) are one place; scanners round to 1e-3. */
const SAME_PLACE_MM = 0.01;

type PlaceExclusion = "no-position" | "duplicate-place" | "repeated-place" | "ambiguous-place";

/** One stack in order, each place once. */
export interface Places<S extends Slice> {
  /** The first to the last, towards the patient's left, back or head where positions order them. */
  readonly slices: readonly S[];
  /** What put them into order; none where nothing does. */
  readonly order: "position" | "instance-number" | "none";
  /** Millimetres of each from the first; null where they are not known. */
  readonly offsets: readonly number[] | null;
  readonly excluded: ReadonlyMap<S, PlaceExclusion>;
}

/** A slice and how far along the stack's normal it lies, millimetres. */
interface PlacedSlice<S extends Slice> {
  readonly slice: S;
  readonly along: number;
}

/** Those slices of a parallel stack that have a position, from the first place to the last. */
export function placedSlices<S extends Slice>(stack: readonly S[]): PlacedSlice<S>[] {
  const normal = stack.find((slice) => slice.normal !== null)?.normal ?? null;
  if (normal === null) return [];
  return stack
    .flatMap((slice) =>
      slice.position === null ? [] : [{ slice, along: projection(slice.position, normal) }],
    )
    .sort((a, b) => a.along - b.along);
}

/**
 * The places of a stack: by position where most slices have one, else by instance number, else in
 * no order. Of several slices at one place one stays: of the same pixels any, of others the one
 * with the highest instance number, which was acquired last; where those are equal nothing tells
 * which one is meant, and none stays.
 */
export function placesOf<S extends Slice>(stack: readonly S[]): Places<S> {
  const placed = placedSlices(stack);
  return placed.length * 2 > stack.length ? byPosition(stack, placed) : byNumber(stack);
}

function byPosition<S extends Slice>(
  stack: readonly S[],
  placed: readonly PlacedSlice<S>[],
): Places<S> {
  const excluded = new Map<S, PlaceExclusion>();
  if (placed.length < stack.length) {
    const known = new Set(placed.map(({ slice }) => slice));
    for (const slice of stack) if (!known.has(slice)) excluded.set(slice, "no-position");
  }
  const slices: S[] = [];
  const places: number[] = [];
  for (const { at, members } of groupsAlong(placed)) {
    const kept = oneOf(members, excluded);
    if (kept === null) continue;
    slices.push(kept);
    places.push(at);
  }
  const offsets = places.map((at) => at - (places[0] ?? 0));
  return { slices, order: "position", offsets, excluded };
}

/** Slices of one place together. */
function groupsAlong<S extends Slice>(placed: readonly PlacedSlice<S>[]) {
  const groups: { readonly at: number; readonly members: S[] }[] = [];
  for (const { slice, along } of placed) {
    const group = groups.at(-1);
    if (group === undefined || along - group.at > SAME_PLACE_MM) {
      groups.push({ at: along, members: [slice] });
    } else {
      group.members.push(slice);
    }
  }
  return groups;
}

function oneOf<S extends Slice>(group: readonly S[], excluded: Map<S, PlaceExclusion>): S | null {
  const [only] = group;
  if (group.length === 1) return only ?? null;
  const distinct = withoutCopies(group);
  for (const [slice, reason] of distinct.excluded) excluded.set(slice, reason);
  const last = Math.max(...distinct.slices.map(numberOf));
  const latest = distinct.slices.filter((slice) => numberOf(slice) === last);
  const [kept = null] = latest.length === 1 ? latest : [];
  for (const slice of distinct.slices) {
    if (slice !== kept) excluded.set(slice, kept === null ? "ambiguous-place" : "repeated-place");
  }
  return kept;
}

/** One slice of each picture: those with the same pixels, size and frame as an earlier one go. */
function withoutCopies<S extends Slice>(slices: readonly S[]) {
  const seen = new Set<string>();
  const excluded = new Map<S, PlaceExclusion>();
  const kept = sortedByUid(slices).filter((slice) => {
    const { pixelChecksum, rows, columns } = slice.instance;
    if (pixelChecksum === undefined) return true;
    const picture = `${pixelChecksum} ${rows} ${columns} ${slice.frame}`;
    const known = seen.has(picture);
    seen.add(picture);
    if (known) excluded.set(slice, "duplicate-place");
    return !known;
  });
  return { slices: kept, excluded };
}

/** So that which of two copies stays does not depend on how they arrived. */
function sortedByUid<S extends Slice>(slices: readonly S[]): S[] {
  const uid = ({ instance }: S) => instance.sopInstanceUid;
  return slices.toSorted((a, b) => (uid(a) < uid(b) ? -1 : Number(uid(a) > uid(b))));
}

function byNumber<S extends Slice>(stack: readonly S[]): Places<S> {
  const numbered = Map.groupBy(stack, (slice) => `${slice.instance.instanceNumber} ${slice.frame}`);
  const excluded = new Map<S, PlaceExclusion>();
  const slices = [...numbered.values()].flatMap((group) => {
    if (group.length === 1 || group[0]?.instance.instanceNumber === null) return group;
    const distinct = withoutCopies(group);
    for (const [slice, reason] of distinct.excluded) excluded.set(slice, reason);
    return distinct.slices;
  });
  slices.sort((a, b) => numberOf(a) - numberOf(b) || a.frame - b.frame);
  if (!isOrdered(slices))
    return { slices: byPicture(slices), order: "none", offsets: null, excluded };
  const spacing = slices[0]?.instance.sliceSpacing ?? null;
  const offsets = spacing === null ? null : slices.map((_, index) => index * spacing);
  return { slices, order: "instance-number", offsets, excluded };
}

/** Every number is there and no two are equal; frames of one instance are in its own order. */
function isOrdered(slices: readonly Slice[]): boolean {
  const single = slices.every(({ instance }) => instance === slices[0]?.instance);
  return slices.every((slice, index) => {
    const next = slices[index + 1];
    const known = single || slice.instance.instanceNumber !== null;
    return known && (next === undefined || isBefore(slice, next));
  });
}

function numberOf({ instance }: Slice): number {
  return instance.instanceNumber ?? Number.NEGATIVE_INFINITY;
}

function isBefore(a: Slice, b: Slice): boolean {
  if (a.instance === b.instance) return a.frame < b.frame;
  return numberOf(a) < numberOf(b);
}

/** In an order that the pixels decide, not the UIDs: what does not depend on order stays the same. */
function byPicture<S extends Slice>(slices: readonly S[]): S[] {
  return slices.toSorted(
    (a, b) =>
      (a.instance.pixelChecksum ?? 0) - (b.instance.pixelChecksum ?? 0) || a.frame - b.frame,
  );
}

/** Median distance of neighbours in millimetres; null where positions are not known. */
export function medianSpacing(offsets: readonly number[] | null): number | null {
  if (offsets === null || offsets.length < 2) return null;
  const sorted = offsets
    .slice(1)
    .map((at, index) => at - (offsets[index] ?? 0))
    .filter((distance) => distance > SAME_PLACE_MM)
    .sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? null;
}

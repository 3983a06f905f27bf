import type { DataSet } from "./data-set.ts";
import { Tag } from "./tags.ts";

/**
 * The item of functional group `sequence` that holds for `frame` (counted from 0): the frame's own,
 * else the shared one (PS3.3 C.7.6.16); null when there is none.
 */
export function functionalGroup(dataset: DataSet, frame: number, sequence: number): DataSet | null {
  const own = dataset.items(Tag.PerFrameFunctionalGroups)[frame]?.items(sequence)[0];
  const shared = dataset.items(Tag.SharedFunctionalGroups)[0]?.items(sequence)[0];
  return own ?? shared ?? null;
}

/** The data set that holds `tag` for `frame`: functional group first, then the top level. */
export function holderOf(
  dataset: DataSet,
  frame: number,
  [sequence, tag]: readonly [number, number],
): DataSet {
  const group = functionalGroup(dataset, frame, sequence);
  return group?.has(tag) ? group : dataset;
}

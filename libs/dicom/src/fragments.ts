import { AxialError } from "@axial/contracts";
import type { DataSet, Fragment } from "./data-set.ts";
import { Tag } from "./tags.ts";

interface FragmentList {
  readonly fragments: Fragment[];
  /** First byte after the sequence. */
  readonly next: number;
  /** The sequence was closed by its delimiter. */
  readonly ended: boolean;
}

interface FragmentRange {
  readonly from: number;
  readonly to: number;
  /** More fragments are `limit-exceeded`. */
  readonly max: number;
}

/**
 * The items of encapsulated pixel data from `from` up to its delimiter (PS3.5 A.4), the offset
 * table first. Bytes that end inside of a fragment, or that are not an item, end the list.
 */
export function readFragments(
  dataset: DataSet,
  { from, to: end, max }: FragmentRange,
): FragmentList {
  const { bytes, littleEndian } = dataset;
  const read16 = (at: number) => (littleEndian ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
  const read32 = (at: number) => (littleEndian ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at));
  const fragments: Fragment[] = [];
  let at = from;
  while (at + 8 <= end) {
    const tag = read16(at) * 0x1_0000 + read16(at + 2);
    const offset = at + 8;
    if (tag === Tag.SequenceDelimiter) return { fragments, next: offset, ended: true };
    if (tag !== Tag.Item) break;
    const length = Math.min(read32(at + 4), end - offset);
    fragments.push({ offset, length });
    if (fragments.length > max) {
      throw new AxialError("limit-exceeded", { detail: `more than ${max} fragments` });
    }
    at = offset + length;
  }
  return { fragments, next: end, ended: false };
}

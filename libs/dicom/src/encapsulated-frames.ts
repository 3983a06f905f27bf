import { AxialError } from "@axial/contracts";
import type { DataSet, Fragment } from "./data-set.ts";
import { Tag } from "./tags.ts";

/**
 * The compressed bytes of `frame`, its fragments joined. Which fragments those are is said by the
 * extended offset table, the basic one, or, where both are empty, by one frame for each fragment
 * or all fragments for the only frame (PS3.5 A.4). Throws `truncated-pixel-data` or `undecodable`.
 */
export function encapsulatedFrame(dataset: DataSet, frame: number, frames: number): Buffer {
  const all = dataset.elements.get(Tag.PixelData)?.fragments ?? [];
  const [table, ...fragments] = all;
  if (table === undefined || fragments.length === 0) {
    throw new AxialError("truncated-pixel-data", { detail: "no fragments" });
  }
  const chosen =
    byExtendedTable(dataset, fragments, frame) ??
    byBasicTable(dataset, { table, fragments }, frame) ??
    withoutTable(dataset, { fragments, frame, frames });
  if (chosen.length === 0) {
    throw new AxialError("truncated-pixel-data", { detail: `no fragments for frame ${frame}` });
  }
  const parts = chosen.map(({ offset, length }) => dataset.bytes.subarray(offset, offset + length));
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

/** Offsets count from the first byte of the first fragment's item tag. */
function fragmentsBetween(fragments: readonly Fragment[], from: number, to: number): Fragment[] {
  const base = (fragments[0]?.offset ?? 0) - 8;
  return fragments.filter(({ offset }) => {
    const place = offset - 8 - base;
    return place >= from && place < to;
  });
}

function byExtendedTable(
  dataset: DataSet,
  fragments: readonly Fragment[],
  frame: number,
): Fragment[] | null {
  const offsets = dataset.value(Tag.ExtendedOffsetTable);
  const lengths = dataset.value(Tag.ExtendedOffsetTableLengths);
  if (offsets === null || offsets.length < (frame + 1) * 8) return null;
  const from = Number(offsets.readBigUInt64LE(frame * 8));
  const [fragment] = fragmentsBetween(fragments, from, from + 1);
  if (fragment === undefined) return null;
  const declared =
    lengths !== null && lengths.length >= (frame + 1) * 8
      ? Number(lengths.readBigUInt64LE(frame * 8))
      : fragment.length;
  return [{ offset: fragment.offset, length: Math.min(declared, fragment.length) }];
}

interface Table {
  readonly table: Fragment;
  readonly fragments: readonly Fragment[];
}

function byBasicTable(dataset: DataSet, from: Table, frame: number): Fragment[] | null {
  const { table, fragments } = from;
  const bytes = dataset.bytes.subarray(table.offset, table.offset + table.length);
  if (bytes.length < (frame + 1) * 4) return null;
  const start = bytes.readUInt32LE(frame * 4);
  const next = (frame + 2) * 4 <= bytes.length ? bytes.readUInt32LE((frame + 1) * 4) : Infinity;
  const chosen = fragmentsBetween(fragments, start, next);
  return chosen.length > 0 ? chosen : null;
}

interface Untabled {
  readonly fragments: readonly Fragment[];
  readonly frame: number;
  readonly frames: number;
}

function withoutTable(dataset: DataSet, { fragments, frame, frames }: Untabled): Fragment[] {
  if (frames === 1) return [...fragments];
  if (fragments.length === frames) return fragments.slice(frame, frame + 1);
  return byImageMarkers(dataset, fragments)[frame] ?? [];
}

/** JPEG, JPEG-LS and JPEG 2000 streams begin with markers that cannot begin a continuation. */
function byImageMarkers(dataset: DataSet, fragments: readonly Fragment[]): Fragment[][] {
  const frames: Fragment[][] = [];
  for (const fragment of fragments) {
    const start = dataset.bytes.readUInt16BE(Math.min(fragment.offset, dataset.bytes.length - 2));
    const begins = start === 0xffd8 || start === 0xff4f;
    if (begins || frames.length === 0) frames.push([fragment]);
    else frames.at(-1)?.push(fragment);
  }
  return frames;
}

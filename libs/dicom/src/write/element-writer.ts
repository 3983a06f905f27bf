import type { DataSet, Element } from "../data-set.ts";
import type { DicomInstance } from "../instance.ts";
import { explicitVr, littleEndianValue } from "../little-endian-value.ts";
import { LONG_VRS } from "../vr.ts";

const UNDEFINED_LENGTH = 0xffff_ffff;
const MAX_SHORT_LENGTH = 0xffff;
const ZERO_PADDED = new Set(["UI", "UN", "OB", "OW"]);
export const ITEM = 0xfffe_e000;
const ITEM_END = 0xfffe_e00d;
const SEQUENCE_END = 0xfffe_e0dd;

/** Tag, VR and length of an element in Explicit VR Little Endian (PS3.5 7.1.2). */
export function elementHeader(tag: number, vr: string, length: number): Buffer {
  const long = LONG_VRS.has(vr);
  const bytes = Buffer.alloc(long ? 12 : 8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.write(vr, 4, "latin1");
  if (long) bytes.writeUInt32LE(length, 8);
  else bytes.writeUInt16LE(length, 6);
  return bytes;
}

/** A whole element whose value is `value`, padded to an even length. */
export function writeElement(tag: number, vr: string, value: Buffer): Buffer {
  const padding = value.length % 2 === 0 ? "" : ZERO_PADDED.has(vr) ? "\0" : " ";
  const length = value.length + padding.length;
  // PS3.5 6.2.2: what is too long for its VR's short length is written as UN.
  const fits = LONG_VRS.has(vr) || length <= MAX_SHORT_LENGTH;
  return Buffer.concat([
    elementHeader(tag, fits ? vr : "UN", length),
    value,
    Buffer.from(padding, "latin1"),
  ]);
}

interface WriteOptions {
  readonly skip?: (tag: number) => boolean;
  /** Whole elements, from `writeElement`, that replace the source's. */
  readonly replace?: ReadonlyMap<number, Buffer>;
}

/**
 * The elements of `dataset` in Explicit VR Little Endian, in the order of their tags, group
 * lengths left out. Values are the source's bytes, so text keeps its character set. Sequences and
 * items get undefined lengths, so that nothing is measured first.
 */
export function* writeElements(
  dataset: DataSet,
  instance: DicomInstance,
  { skip = () => false, replace = new Map() }: WriteOptions = {},
): Generator<Buffer> {
  const tags = new Set([...dataset.elements.keys(), ...replace.keys()]);
  for (const tag of [...tags].sort((a, b) => a - b)) {
    if ((tag & 0xffff) === 0 || skip(tag)) continue;
    const replaced = replace.get(tag);
    const element = dataset.elements.get(tag);
    if (replaced) yield replaced;
    else if (element && element.items !== null) yield* writeSequence(element, instance);
    else if (element) {
      const value = littleEndianValue(dataset, element);
      yield writeElement(tag, explicitVr(instance, element), value);
    }
  }
}

function* writeSequence({ tag, items }: Element, instance: DicomInstance): Generator<Buffer> {
  yield* writeItems(
    tag,
    (items ?? []).map((item) => writeElements(item, instance)),
  );
}

/** A sequence of items, each the elements that it is to hold, with undefined lengths. */
export function* writeItems(tag: number, items: readonly Iterable<Buffer>[]): Generator<Buffer> {
  yield elementHeader(tag, "SQ", UNDEFINED_LENGTH);
  for (const item of items) {
    yield delimiter(ITEM, UNDEFINED_LENGTH);
    yield* item;
    yield delimiter(ITEM_END, 0);
  }
  yield delimiter(SEQUENCE_END, 0);
}

/** The head of an item, or a delimiter: a tag and a length, no VR (PS3.5 7.5). */
export function delimiter(tag: number, length: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(tag >>> 16, 0);
  bytes.writeUInt16LE(tag & 0xffff, 2);
  bytes.writeUInt32LE(length, 4);
  return bytes;
}

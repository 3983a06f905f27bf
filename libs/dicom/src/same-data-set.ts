import type { DataSet, Element } from "./data-set.ts";
import type { DicomInstance } from "./instance.ts";
import { littleEndianValue } from "./little-endian-value.ts";
import { Tag } from "./tags.ts";
import { isEncapsulated, nativeUnit } from "./write/uncompressed-frame.ts";

/**
 * How two instances differ beside their file meta information (group 0002): not at all, at most in
 * how their pixels are encoded, or in what they say.
 */
export type Difference = "none" | "pixel-encoding" | "content";

/**
 * Compares data sets by their values: neither transfer syntax, VR, padding, character set, group
 * lengths nor the order of items' delimiters matter. Whether differently encoded pixels are the
 * same has to be seen by decoding them; where one of them is lossy they are not.
 */
export function compareDataSets(a: DicomInstance, b: DicomInstance): Difference {
  const sameEncoding = isEncapsulated(a) === isEncapsulated(b);
  const pixels = samePixels(a, b);
  const skipped = pixels && sameEncoding ? PIXELS : new Set([...PIXELS, ...OF_ENCODING]);
  if (!sameElements(a.dataset, b.dataset, skipped)) return "content";
  if (pixels) return "none";
  return a.syntax.lossy || b.syntax.lossy ? "content" : "pixel-encoding";
}

const DATA_SET_TRAILING_PADDING = 0xfffc_fffc;
/** What says how pixels lie there rather than what they are. */
const PIXELS = new Set<number>([
  Tag.PixelData,
  Tag.ExtendedOffsetTable,
  0x7fe0_0002,
  0x7fe0_0003,
  Tag.SpecificCharacterSet,
  DATA_SET_TRAILING_PADDING,
]);
/** Attributes that encoders change: colours and their arrangement. */
const OF_ENCODING = [Tag.PhotometricInterpretation, Tag.PlanarConfiguration];

const TEXT = new Set(["LO", "LT", "PN", "SH", "ST", "UC", "UT"]);

function sameElements(a: DataSet, b: DataSet, skipped: ReadonlySet<number>): boolean {
  const tags = new Set([...a.elements.keys(), ...b.elements.keys()]);
  for (const tag of tags) {
    if (skipped.has(tag) || (tag & 0xffff) === 0) continue;
    const [own, other] = [a.elements.get(tag), b.elements.get(tag)];
    if (own === undefined || other === undefined) return false;
    if (!sameValue([a, own], [b, other])) return false;
  }
  return true;
}

type Place = readonly [dataset: DataSet, element: Element];

function sameValue([a, own]: Place, [b, other]: Place): boolean {
  if (own.items !== null || other.items !== null) {
    const [items, others] = [own.items ?? [], other.items ?? []];
    const nested = new Set<number>([Tag.SpecificCharacterSet]);
    return (
      items.length === others.length &&
      items.every((item, at) => sameElements(item, others[at] ?? item, nested))
    );
  }
  if (TEXT.has(own.vr) && TEXT.has(other.vr)) return a.text(own.tag) === b.text(other.tag);
  return unpadded(littleEndianValue(a, own)).equals(unpadded(littleEndianValue(b, other)));
}

function samePixels(a: DicomInstance, b: DicomInstance): boolean {
  const [own, other] = [a, b].map(({ dataset }) => dataset.elements.get(Tag.PixelData));
  if (own === undefined || other === undefined) return own === other;
  if (own.fragments === null && other.fragments === null) {
    return nativePixels(a, own).equals(nativePixels(b, other));
  }
  if (own.fragments === null || other.fragments === null) return false;
  return a.syntax.uid === b.syntax.uid && codestreams(a, own).equals(codestreams(b, other));
}

function nativePixels({ dataset }: DicomInstance, element: Element): Buffer {
  const unit = nativeUnit(element.vr, dataset.int(Tag.BitsAllocated) ?? 8);
  return unpadded(littleEndianValue(dataset, element, unit));
}

/** The fragments behind the offset table, however they are cut. */
function codestreams({ dataset }: DicomInstance, element: Element): Buffer {
  const [, ...fragments] = element.fragments ?? [];
  return unpadded(
    Buffer.concat(
      fragments.map(({ offset, length }) => dataset.bytes.subarray(offset, offset + length)),
    ),
  );
}

/** Values are padded to an even length with spaces or zeros. */
function unpadded(bytes: Buffer): Buffer {
  let end = bytes.length;
  while (end > 0 && (bytes[end - 1] === 0 || bytes[end - 1] === 0x20)) end -= 1;
  return bytes.subarray(0, end);
}

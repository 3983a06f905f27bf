import type { DataSet, Element } from "./data-set.ts";
import type { DicomInstance } from "./instance.ts";
import { littleEndianValue } from "./little-endian-value.ts";
import { numberStringJson } from "./number-string.ts";
import { Tag } from "./tags.ts";

/** One attribute of the DICOM JSON model, PS3.18 annex F. */
export interface DicomJsonAttribute {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}
export type DicomJson = Readonly<Record<string, DicomJsonAttribute>>;

export interface DicomJsonOptions {
  /** Address of the value of the element with that tag (eight hexadecimal digits). */
  readonly bulkDataUri: (tag: string) => string;
}

/** Binary values up to this many bytes go inline; larger ones by address. */
const MAX_INLINE_BYTES = 1_024;

/** Of all text in JSON, PS3.18 F.2.1.1. */
const UTF_8 = "ISO_IR 192";

const NUMBERS = ["FD", "FL", "SL", "SS", "UL", "US"];
const BIG_NUMBERS = ["SV", "UV"];
const BINARY = ["OB", "OD", "OF", "OL", "OV", "OW", "UN"];
const SINGLE_TEXT = ["LT", "ST", "UR", "UT"];
const CHARACTER_SET_TEXT = ["LO", "PN", "SH", "UC", ...SINGLE_TEXT];

/**
 * The data set in the DICOM JSON model: no group lengths, text in UTF-8 (PS3.18 F.2.1.1) and every
 * character set named so, pixel data and other large values by address. Values that contradict
 * their VR are left out, their attribute is kept.
 */
export function toDicomJson(instance: DicomInstance, options: DicomJsonOptions): DicomJson {
  return dataSetToJson(instance.dataset, options, "");
}

/** The attribute `tag` of the data set, bulk values without address; null when it is missing. */
export function attributeJson(dataset: DataSet, tag: number): DicomJsonAttribute | null {
  const element = dataset.elements.get(tag);
  if (element === undefined) return null;
  return attribute({ dataset, element, options: { bulkDataUri: () => "" }, path: "" });
}

function dataSetToJson(dataset: DataSet, options: DicomJsonOptions, path: string): DicomJson {
  const json: Record<string, DicomJsonAttribute> = {};
  const sorted = [...dataset.elements.values()].sort((a, b) => a.tag - b.tag);
  for (const element of sorted) {
    if ((element.tag & 0xffff) === 0) continue;
    const key = element.tag.toString(16).toUpperCase().padStart(8, "0");
    json[key] = attribute({ dataset, element, options, path: path + key });
  }
  return json;
}

interface Place {
  readonly dataset: DataSet;
  readonly element: Element;
  readonly options: DicomJsonOptions;
  /** Tags and item numbers that lead here, as in `00081140/0/00081150`. */
  readonly path: string;
}

function attribute(place: Place): DicomJsonAttribute {
  const { element, options, path } = place;
  const vr = vrOf(place);
  if (element.items !== null) {
    const items = element.items.map((item, i) => dataSetToJson(item, options, `${path}/${i}/`));
    return items.length > 0 ? { vr: "SQ", Value: items } : { vr: "SQ" };
  }
  if (isPixelData(element.tag)) return { vr, BulkDataURI: options.bulkDataUri(path) };
  // Items may name one of their own, and their text is in UTF-8 all the same.
  if (element.tag === Tag.SpecificCharacterSet) return { vr, Value: [UTF_8] };
  if (element.length === 0) return { vr };
  if (BINARY.includes(vr)) return binary(place, vr);
  const values = valuesOf(place, vr);
  return values.some((value) => value !== null) ? { vr, Value: values } : { vr };
}

function isPixelData(tag: number): boolean {
  return tag === Tag.PixelData || tag === Tag.FloatPixelData || tag === Tag.DoubleFloatPixelData;
}

/** Values next to the pixels have the pixels' sign; without a VR of their own they came as US. */
function vrOf({ dataset, element }: Place): string {
  const signed = dataset.int(Tag.PixelRepresentation) === 1;
  return element.vr === "US" && signed && SIGNED_LIKE_PIXELS.has(element.tag) ? "SS" : element.vr;
}

const SIGNED_LIKE_PIXELS = new Set<number>([
  Tag.PixelPaddingValue,
  Tag.PixelPaddingRangeLimit,
  0x0028_0106,
  0x0028_0107,
]);

function binary({ dataset, element, options, path }: Place, vr: string): DicomJsonAttribute {
  if (element.length > MAX_INLINE_BYTES) return { vr, BulkDataURI: options.bulkDataUri(path) };
  return { vr, InlineBinary: littleEndianValue(dataset, element).toString("base64") };
}

function valuesOf({ dataset, element }: Place, vr: string): unknown[] {
  const { tag } = element;
  if (vr === "AT") {
    return dataset.numbers(tag).map((value) => value.toString(16).toUpperCase().padStart(8, "0"));
  }
  if (vr === "DS" || vr === "IS") {
    return dataset.strings(tag).map((value) => numberStringJson(vr, value));
  }
  if (NUMBERS.includes(vr)) return numbers(dataset, tag, vr);
  if (BIG_NUMBERS.includes(vr)) return bigNumbers(littleEndianValue(dataset, element), vr);
  if (CHARACTER_SET_TEXT.includes(vr)) return texts(dataset, tag, vr);
  return dataset.strings(tag).map((value) => value || null);
}

function numbers(dataset: DataSet, tag: number, vr: string): (number | string)[] {
  const values = dataset.numbers(tag);
  const signed = vr === "SS" ? values.map((value) => (value << 16) >> 16) : values;
  return signed.map((value) => (Number.isFinite(value) ? value : notFinite(value)));
}

/** JSON has no such numbers: they are strings (F.2.3.1). */
function notFinite(value: number): string {
  if (Number.isNaN(value)) return "NaN";
  return value > 0 ? "inf" : "-inf";
}

/** Integers that a JSON number cannot hold are strings (F.2.3.1). */
function bigNumbers(bytes: Buffer, vr: string): (number | string)[] {
  const values: (number | string)[] = [];
  for (let at = 0; at + 8 <= bytes.length; at += 8) {
    const value = vr === "SV" ? bytes.readBigInt64LE(at) : bytes.readBigUInt64LE(at);
    values.push(Number.isSafeInteger(Number(value)) ? Number(value) : value.toString());
  }
  return values;
}

function texts(dataset: DataSet, tag: number, vr: string): unknown[] {
  const text = dataset.text(tag);
  if (text === null) return [];
  const values = SINGLE_TEXT.includes(vr) ? [text] : text.split("\\").map((each) => each.trim());
  return vr === "PN" ? values.map(personName) : values.map((value) => value || null);
}

/** Component groups by name, F.2.2; empty ones are left out. */
function personName(value: string): object | null {
  const [Alphabetic, Ideographic, Phonetic] = value.split("=");
  const groups = { Alphabetic, Ideographic, Phonetic };
  const present = Object.entries(groups).filter(([, name]) => name);
  return present.length > 0 ? Object.fromEntries(present) : null;
}

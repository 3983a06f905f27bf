import { decodeText } from "./charset.ts";
import { numberOfString } from "./number-string.ts";
import { Tag } from "./tags.ts";

/** One data element: where its value is in the bytes of its data set. */
export interface Element {
  readonly tag: number;
  readonly vr: string;
  readonly offset: number;
  readonly length: number;
  readonly items: readonly DataSet[] | null;
  readonly fragments: readonly Fragment[] | null;
}

/** One item of encapsulated pixel data, the offset table included. */
export interface Fragment {
  readonly offset: number;
  readonly length: number;
}

const BINARY_WIDTH: Readonly<Record<string, number>> = {
  US: 2,
  SS: 2,
  OW: 2,
  UL: 4,
  SL: 4,
  AT: 4,
  OL: 4,
  FL: 4,
  OF: 4,
  FD: 8,
  OD: 8,
  UV: 8,
  SV: 8,
  OV: 8,
};

/** The elements of one data set or item. Values are views of the bytes that were read. */
export class DataSet {
  readonly bytes: Buffer;
  readonly littleEndian: boolean;
  readonly elements: Map<number, Element> = new Map();
  readonly #parent: DataSet | null;
  #view: DataView | null = null;

  constructor(bytes: Buffer, littleEndian: boolean, parent: DataSet | null = null) {
    this.bytes = bytes;
    this.littleEndian = littleEndian;
    this.#parent = parent;
  }

  has(tag: number): boolean {
    return this.elements.has(tag);
  }

  /** The value's bytes without a copy, or null. */
  value(tag: number): Buffer | null {
    const element = this.elements.get(tag);
    return element ? this.bytes.subarray(element.offset, element.offset + element.length) : null;
  }

  /** First value of a text element without padding; null when missing or empty. */
  string(tag: number): string | null {
    return this.strings(tag)[0] || null;
  }

  /** Values of an element of the default repertoire (CS, UI, DS, IS …), without padding. */
  strings(tag: number): string[] {
    const raw = this.#latin1(tag);
    if (raw === "") return [];
    const values = raw.includes("\\") ? raw.split("\\").map(trimPadding) : [trimPadding(raw)];
    return raw.includes("\0") ? values.map(withoutNul) : values;
  }

  /** The whole value decoded with SpecificCharacterSet; null when missing or empty. */
  text(tag: number): string | null {
    const value = this.value(tag);
    if (value === null || value.length === 0) return null;
    return withoutNul(trimPadding(decodeText(value, this.charsets()))) || null;
  }

  /** SpecificCharacterSet of this item, else of what encloses it. */
  charsets(): readonly string[] {
    if (this.has(Tag.SpecificCharacterSet)) return this.strings(Tag.SpecificCharacterSet);
    return this.#parent?.charsets() ?? [];
  }

  /** First value as a number; null when missing or not a number. */
  number(tag: number): number | null {
    const value = this.numbers(tag)[0];
    return value === undefined || !Number.isFinite(value) ? null : value;
  }

  /** First value as a whole number; null when missing or not one. */
  int(tag: number): number | null {
    const value = this.number(tag);
    return value === null || !Number.isInteger(value) ? null : value;
  }

  /** Values of a binary or decimal element; what is not a number is NaN. */
  numbers(tag: number): number[] {
    const element = this.elements.get(tag);
    if (element === undefined || element.length === 0) return [];
    const width = BINARY_WIDTH[element.vr];
    if (width === undefined) return this.strings(tag).map(numberOfString);
    const values: number[] = [];
    for (let at = 0; at + width <= element.length; at += width) {
      values.push(this.#binary(element.vr, element.offset + at));
    }
    return values;
  }

  /** Items of a sequence; none when missing. */
  items(tag: number): readonly DataSet[] {
    return this.elements.get(tag)?.items ?? [];
  }

  #latin1(tag: number): string {
    const element = this.elements.get(tag);
    if (element === undefined || element.length === 0 || element.items !== null) return "";
    return this.bytes.toString("latin1", element.offset, element.offset + element.length);
  }

  #binary(vr: string, at: number): number {
    this.#view ??= new DataView(this.bytes.buffer, this.bytes.byteOffset, this.bytes.length);
    const view = this.#view;
    const little = this.littleEndian;
    switch (vr) {
      case "US":
      case "OW":
        return view.getUint16(at, little);
      case "SS":
        return view.getInt16(at, little);
      case "UL":
      case "OL":
        return view.getUint32(at, little);
      case "SL":
        return view.getInt32(at, little);
      case "AT":
        return view.getUint16(at, little) * 0x1_0000 + view.getUint16(at + 2, little);
      case "FL":
      case "OF":
        return view.getFloat32(at, little);
      case "SV":
        return Number(view.getBigInt64(at, little));
      case "UV":
      case "OV":
        return Number(view.getBigUint64(at, little));
      default:
        return view.getFloat64(at, little);
    }
  }
}

/** Without the spaces and zero bytes that pad values to an even length. */
function trimPadding(text: string): string {
  let start = 0;
  let end = text.length;
  while (end > start && isPadding(text.charCodeAt(end - 1))) end -= 1;
  while (start < end && isPadding(text.charCodeAt(start))) start += 1;
  return text.slice(start, end);
}

/** Some writers end a value with NUL and leave what stood there before; no text holds one. */
function withoutNul(text: string): string {
  return text.includes("\0") ? text.replaceAll("\0", " ") : text;
}

function isPadding(code: number): boolean {
  return code === 0x20 || code === 0;
}

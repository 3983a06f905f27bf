import { AxialError } from "@axial/contracts";
import { DataSet, type Element } from "./data-set.ts";
import { implicitVr } from "./dictionary.ts";
import { readFragments } from "./fragments.ts";
import { MAX_ELEMENTS, MAX_FRAGMENTS, MAX_SEQUENCE_DEPTH } from "./limits.ts";
import { Tag, tagText } from "./tags.ts";
import { unknownVrOf, type VrForm, vrOf } from "./vr.ts";

const UNDEFINED_LENGTH = 0xffff_ffff;

/** A reading that takes few elements takes few fragments of pixel data: MAX_FRAGMENTS for all. */
const FRAGMENTS_PER_ELEMENT = MAX_FRAGMENTS / MAX_ELEMENTS;

export interface Encoding {
  readonly explicit: boolean;
  readonly littleEndian: boolean;
}

interface ReaderStart {
  readonly at: number;
  readonly maxElements: number;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

interface Header {
  tag: number;
  vr: string;
  length: number;
  /** UN: the value is encoded as in implicit little endian, and the registry knows the VR. */
  unknown: boolean;
}

/**
 * Reads elements from untrusted bytes. It records where values are and copies none. A value or
 * header that ends after the bytes do sets `truncated` and ends the reading; structure that cannot
 * be followed is `malformed-dicom`.
 */
export class ElementReader {
  readonly bytes: Buffer;
  /** Next byte to be read. */
  at: number;
  truncated = false;
  readonly #view: DataView;
  #explicit: boolean;
  readonly #littleEndian: boolean;
  readonly #header: Header = { tag: 0, vr: "UN", length: 0, unknown: false };
  readonly #maxElements: number;
  #elements = 0;

  /** Reads from `at`; more elements than `maxElements` are `limit-exceeded`. */
  constructor(bytes: Buffer, { at, maxElements }: ReaderStart, encoding: Encoding) {
    this.bytes = bytes;
    this.at = at;
    this.#maxElements = maxElements;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    this.#explicit = encoding.explicit;
    this.#littleEndian = encoding.littleEndian;
  }

  /**
   * Fills `dataSet` from `at` until `end`, an item delimiter, or `stop` says that the tag does not
   * belong to it any more (`at` is then at that tag).
   */
  readInto(dataSet: DataSet, end: number, depth: number, stop?: (tag: number) => boolean): void {
    while (this.at + 8 <= end) {
      const start = this.at;
      const tag = this.#tag();
      if (stop?.(tag)) {
        this.at = start;
        return;
      }
      if (tag === Tag.ItemDelimiter || tag === Tag.SequenceDelimiter) {
        this.at = start + 8;
        if (depth > 0 && tag === Tag.ItemDelimiter) return;
        continue;
      }
      if (!this.#readHeader(tag, end)) break;
      dataSet.elements.set(tag, this.#readValue(dataSet, end, depth));
      if (this.truncated) return;
    }
    if (this.at < end) this.truncated = true;
    this.at = end;
  }

  #tag(): number {
    const little = this.#littleEndian;
    const tag =
      this.#view.getUint16(this.at, little) * 0x1_0000 + this.#view.getUint16(this.at + 2, little);
    this.#elements += 1;
    if (this.#elements > this.#maxElements) {
      throw new AxialError("limit-exceeded", { detail: `more than ${this.#maxElements} elements` });
    }
    return tag;
  }

  /** Reads VR and length after the tag; false when the bytes end inside them. */
  #readHeader(tag: number, end: number): boolean {
    const header = this.#header;
    const at = this.at;
    header.tag = tag;
    header.unknown = false;
    const known = this.#explicit ? this.#explicitVr(at) : undefined;
    if (known === undefined) {
      header.vr = implicitVr(tag);
      header.length = this.#view.getUint32(at + 4, this.#littleEndian);
      this.at = at + 8;
      return true;
    }
    header.vr = known.vr;
    if (!known.long) {
      header.length = this.#view.getUint16(at + 6, this.#littleEndian);
      this.at = at + 8;
      return true;
    }
    if (at + 12 > end) return false;
    header.length = this.#view.getUint32(at + 8, this.#littleEndian);
    header.unknown = known.vr === "UN" && this.#littleEndian && header.length !== UNDEFINED_LENGTH;
    if (header.unknown) header.vr = implicitVr(tag);
    this.at = at + 12;
    return true;
  }

  /** Undefined where there is none: some writers leave single elements implicit. */
  #explicitVr(at: number): VrForm | undefined {
    const first = this.bytes[at + 4] ?? 0;
    const second = this.bytes[at + 5] ?? 0;
    return vrOf(first, second) ?? unknownVrOf(first, second, this.#view.getUint16(at + 6, true));
  }

  #readValue(dataSet: DataSet, end: number, depth: number): Element {
    const { tag, vr, length, unknown } = this.#header;
    const offset = this.at;
    if (length === UNDEFINED_LENGTH) return this.#readUndefined(dataSet, end, depth);
    const remaining = end - offset;
    if (length > remaining) this.truncated = true;
    const taken = Math.min(length, remaining);
    this.at = offset + taken;
    if (vr !== "SQ") return { tag, vr, offset, length: taken, items: null, fragments: null };
    const range = { from: offset, to: this.at };
    const items = unknown
      ? this.#asImplicit(() => this.#readItems(dataSet, range, depth))
      : this.#readItems(dataSet, range, depth);
    return { tag, vr, offset, length: taken, items, fragments: null };
  }

  #readUndefined(dataSet: DataSet, end: number, depth: number): Element {
    const { tag, vr } = this.#header;
    const offset = this.at;
    if (tag === Tag.PixelData) {
      const { fragments, next, ended } = readFragments(dataSet, {
        from: offset,
        to: end,
        max: FRAGMENTS_PER_ELEMENT * this.#maxElements,
      });
      this.at = next;
      if (!ended) this.truncated = true;
      return { tag, vr, offset, length: this.at - offset, items: null, fragments };
    }
    const items =
      vr === "UN"
        ? this.#asImplicit(() => this.#readOpenItems(dataSet, end, depth))
        : this.#readOpenItems(dataSet, end, depth);
    return { tag, vr: "SQ", offset, length: this.at - offset, items, fragments: null };
  }

  /** UN of undefined length holds a sequence in implicit little endian, PS3.5 6.2.2 note 5. */
  #asImplicit<T>(read: () => T): T {
    const before = this.#explicit;
    this.#explicit = false;
    try {
      return read();
    } finally {
      this.#explicit = before;
    }
  }

  /** Items of a sequence whose length is known: damage inside costs the rest of the sequence. */
  #readItems(parent: DataSet, { from, to }: Range, depth: number): DataSet[] {
    const items: DataSet[] = [];
    this.at = from;
    while (this.at + 8 <= to) {
      const tag = this.#tag();
      if (tag !== Tag.Item) break;
      items.push(this.#readItem(parent, to, depth));
    }
    this.at = to;
    return items;
  }

  #readOpenItems(parent: DataSet, end: number, depth: number): DataSet[] {
    const items: DataSet[] = [];
    while (this.at + 8 <= end) {
      const tag = this.#tag();
      if (tag === Tag.SequenceDelimiter) {
        this.at += 8;
        return items;
      }
      if (tag !== Tag.Item) {
        throw new AxialError("malformed-dicom", {
          detail: `${tagText(tag)} where an item of a sequence must begin`,
        });
      }
      items.push(this.#readItem(parent, end, depth));
      if (this.truncated) return items;
    }
    this.truncated = true;
    this.at = end;
    return items;
  }

  #readItem(parent: DataSet, end: number, depth: number): DataSet {
    if (depth >= MAX_SEQUENCE_DEPTH) {
      throw new AxialError("limit-exceeded", {
        detail: `sequences nested deeper than ${MAX_SEQUENCE_DEPTH}`,
      });
    }
    const length = this.#view.getUint32(this.at + 4, this.#littleEndian);
    this.at += 8;
    const item = new DataSet(this.bytes, this.#littleEndian, parent);
    if (length === UNDEFINED_LENGTH) {
      this.readInto(item, end, depth + 1);
      return item;
    }
    const itemEnd = Math.min(this.at + length, end);
    if (this.at + length > end) this.truncated = true;
    this.#readClosedItem(item, itemEnd, depth);
    return item;
  }

  /** What lies in an item of known length cannot reach beyond it, whatever its elements say. */
  #readClosedItem(item: DataSet, end: number, depth: number): void {
    const before = this.truncated;
    this.readInto(item, end, depth + 1);
    this.truncated = before;
    this.at = end;
  }
}

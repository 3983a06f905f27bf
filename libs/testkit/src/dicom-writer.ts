import { deflateRawSync } from "node:zlib";
import {
  dictionaryEntry,
  EXPLICIT_LITTLE_ENDIAN,
  tagOfKeyword,
  transferSyntaxOf,
} from "@axial/dicom";

/** Encapsulated pixel data: fragments as they are, and the basic offset table before them. */
export interface Encapsulated {
  readonly fragments: readonly Uint8Array[];
  /** Offsets of the frames; left out: an empty table. */
  readonly offsets?: readonly number[];
}

/** A value with its VR spelled out: for private elements, and for wrong ones on purpose. */
export interface Explicit {
  readonly vr: string;
  readonly value: ElementValue;
}

export type ElementValue =
  | string
  | number
  | readonly (string | number)[]
  | readonly DataSetElements[]
  | ArrayBufferView
  | Encapsulated;

/** Elements by keyword (`PatientName`) or by eight hexadecimal digits of tag. */
export interface DataSetElements {
  readonly [keyword: string]: ElementValue | Explicit;
}

export interface Part10 {
  readonly transferSyntax?: string;
  readonly elements: DataSetElements;
  /** More elements of file meta information. */
  readonly meta?: DataSetElements;
  /** Sequences and items of undefined length. */
  readonly openSequences?: boolean;
}

interface Form {
  readonly explicit: boolean;
  readonly little: boolean;
  readonly open: boolean;
}

const LONG_VRS = ["OB", "OD", "OF", "OL", "OV", "OW", "SQ", "SV", "UC", "UN", "UR", "UT", "UV"];
const UNDEFINED = 0xffff_ffff;
const FILE_META: Form = { explicit: true, little: true, open: false };
const IMPLEMENTATION = "2.25.80302813137786398554742050926734630921";

/**
 * A DICOM file with preamble and file meta information. Lengths, padding and order are as PS3.5
 * wants them; values are written as they come, so that tests can write wrong ones.
 */
export function writePart10(file: Part10): Buffer {
  const uid = file.transferSyntax ?? EXPLICIT_LITTLE_ENDIAN;
  const syntax = transferSyntaxOf(uid);
  const form = {
    explicit: syntax.explicit,
    little: syntax.littleEndian,
    open: file.openSequences ?? false,
  };
  const body = writeDataSet(file.elements, form);
  return Buffer.concat([
    Buffer.alloc(128),
    Buffer.from("DICM"),
    fileMeta(file, uid),
    syntax.deflated ? deflateRawSync(body) : body,
  ]);
}

function fileMeta(file: Part10, transferSyntax: string): Buffer {
  const rest = writeDataSet(
    {
      FileMetaInformationVersion: Uint8Array.of(0, 1),
      MediaStorageSOPClassUID: plain(file.elements.SOPClassUID),
      MediaStorageSOPInstanceUID: plain(file.elements.SOPInstanceUID),
      TransferSyntaxUID: transferSyntax,
      ImplementationClassUID: IMPLEMENTATION,
      ...file.meta,
    },
    FILE_META,
  );
  return Buffer.concat([
    writeDataSet({ FileMetaInformationGroupLength: rest.length }, FILE_META),
    rest,
  ]);
}

function plain(value: ElementValue | Explicit | undefined): string {
  return typeof value === "string" ? value : "";
}

/** Elements without file meta information, sorted by tag. */
export function writeDataSet(elements: DataSetElements, form: Form): Buffer {
  const sorted = Object.entries(elements)
    .map(([name, value]) => ({ tag: tagOf(name), value }))
    .sort((a, b) => a.tag - b.tag);
  return Buffer.concat(sorted.map(({ tag, value }) => writeElement(tag, value, form)));
}

function tagOf(name: string): number {
  const tag = tagOfKeyword(name) ?? Number.parseInt(name, 16);
  if (Number.isNaN(tag)) throw new TypeError(`${name} is neither a keyword nor a tag`);
  return tag;
}

function writeElement(tag: number, given: ElementValue | Explicit, form: Form): Buffer {
  const { vr, value } = isExplicit(given) ? given : { vr: vrOf(tag, given), value: given };
  if (isEncapsulated(value)) return encapsulated(tag, vr, { value, form });
  if (vr === "SQ") return sequence(tag, value as readonly DataSetElements[], form);
  const bytes = padded(writeValue(vr, value, form.little), vr);
  return Buffer.concat([header({ tag, vr, length: bytes.length }, form), bytes]);
}

function isExplicit(value: ElementValue | Explicit): value is Explicit {
  return typeof value === "object" && "vr" in value;
}

function isEncapsulated(value: ElementValue): value is Encapsulated {
  return typeof value === "object" && "fragments" in value;
}

function vrOf(tag: number, value: ElementValue): string {
  const vr = dictionaryEntry(tag)?.vr ?? "UN";
  if (vr === "XS") return typeof value === "number" && value < 0 ? "SS" : "US";
  if (vr === "OX") return value instanceof Uint8Array || value instanceof Int8Array ? "OB" : "OW";
  return vr;
}

interface Header {
  readonly tag: number;
  readonly vr: string;
  readonly length: number;
}

function header({ tag, vr, length }: Header, form: Form): Buffer {
  const long = !form.explicit || LONG_VRS.includes(vr);
  const bytes = Buffer.alloc(form.explicit && long ? 12 : 8);
  uint(bytes, { at: 0, value: tag >>> 16, width: 2 }, form.little);
  uint(bytes, { at: 2, value: tag & 0xffff, width: 2 }, form.little);
  if (form.explicit) bytes.write(vr, 4, "latin1");
  const width = long ? 4 : 2;
  uint(bytes, { at: bytes.length - width, value: length, width }, form.little);
  return bytes;
}

function uint(
  bytes: Buffer,
  { at, value, width }: { at: number; value: number; width: number },
  little: boolean,
): void {
  if (little) bytes.writeUIntLE(value, at, width);
  else bytes.writeUIntBE(value, at, width);
}

function itemHeader(tag: number, length: number, form: Form): Buffer {
  return header({ tag, vr: "", length }, { ...form, explicit: false });
}

function sequence(tag: number, items: readonly DataSetElements[], form: Form): Buffer {
  const written = items.map((item) => {
    const body = writeDataSet(item, form);
    const length = form.open ? UNDEFINED : body.length;
    const end = form.open ? [itemHeader(0xfffe_e00d, 0, form)] : [];
    return Buffer.concat([itemHeader(0xfffe_e000, length, form), body, ...end]);
  });
  const body = Buffer.concat(written);
  const length = form.open ? UNDEFINED : body.length;
  const end = form.open ? [itemHeader(0xfffe_e0dd, 0, form)] : [];
  return Buffer.concat([header({ tag, vr: "SQ", length }, form), body, ...end]);
}

function encapsulated(
  tag: number,
  vr: string,
  { value, form }: { value: Encapsulated; form: Form },
): Buffer {
  const table = Buffer.alloc((value.offsets?.length ?? 0) * 4);
  value.offsets?.forEach((offset, index) => {
    table.writeUInt32LE(offset, index * 4);
  });
  const items = [table, ...value.fragments].flatMap((fragment) => {
    const bytes = padded(Buffer.from(fragment), "OB");
    return [itemHeader(0xfffe_e000, bytes.length, form), bytes];
  });
  return Buffer.concat([
    header({ tag, vr, length: UNDEFINED }, form),
    ...items,
    itemHeader(0xfffe_e0dd, 0, form),
  ]);
}

function padded(bytes: Buffer, vr: string): Buffer {
  if (bytes.length % 2 === 0) return bytes;
  const zero = vr === "UI" || vr === "UN" || vr.startsWith("O");
  return Buffer.concat([bytes, Buffer.from(zero ? "\0" : " ")]);
}

const CELL: Readonly<Record<string, number>> = { US: 2, SS: 2, OW: 2, UL: 4, SL: 4, FL: 4, FD: 8 };

function writeValue(vr: string, value: ElementValue, little: boolean): Buffer {
  if (ArrayBuffer.isView(value)) return writeView(value, little);
  const values = Array.isArray(value) ? value : [value];
  const width = CELL[vr];
  if (width === undefined && vr !== "AT") return Buffer.from(values.map(String).join("\\"), "utf8");
  return Buffer.concat(values.map((each) => writeNumber(vr, Number(each), little)));
}

function writeNumber(vr: string, value: number, little: boolean): Buffer {
  if (vr === "AT") {
    return Buffer.concat([
      writeNumber("US", value >>> 16, little),
      writeNumber("US", value & 0xffff, little),
    ]);
  }
  const bytes = Buffer.alloc(CELL[vr] ?? 2);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (vr === "FL") view.setFloat32(0, value, little);
  else if (vr === "FD") view.setFloat64(0, value, little);
  else if (bytes.length === 4) view.setInt32(0, value | 0, little);
  else view.setInt16(0, value, little);
  return bytes;
}

/** Samples of a typed array in the byte order of the data set; the machine's is little endian. */
function writeView(value: ArrayBufferView, little: boolean): Buffer {
  const bytes = Buffer.from(
    new Uint8Array(value.buffer, value.byteOffset, value.byteLength).slice().buffer,
  );
  const width = "BYTES_PER_ELEMENT" in value ? Number(value.BYTES_PER_ELEMENT) : 1;
  if (little || width === 1) return bytes;
  if (width === 2) return bytes.swap16();
  return width === 4 ? bytes.swap32() : bytes.swap64();
}

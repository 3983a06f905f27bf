import { dictionaryEntry, tagOfKeyword } from "../dictionary.ts";
import { EXPLICIT_LITTLE_ENDIAN } from "../transfer-syntax.ts";
import { delimiter, ITEM, writeElement } from "./element-writer.ts";
import { writeFileMeta } from "./file-meta.ts";

/**
 * Attributes by keyword; a sequence is a list of items, an empty list an empty element, bytes a
 * value of OB.
 */
export interface Attributes {
  readonly [keyword: string]:
    | string
    | number
    | Uint8Array
    | readonly (string | number | Attributes)[];
}

/** An object that is made here, as opposed to one that was received. */
export interface NewObject {
  readonly implementationClassUid: string;
  readonly implementationVersion: string;
  readonly attributes: Attributes & {
    readonly SOPClassUID: string;
    readonly SOPInstanceUID: string;
  };
}

/**
 * A PS3.10 file in Explicit VR Little Endian, text in UTF-8 (declare ISO_IR 192), sequences and
 * items with their lengths. The same object always yields the same bytes.
 */
export function writeObject(object: NewObject): Buffer {
  const { attributes, implementationClassUid, implementationVersion } = object;
  const meta = writeFileMeta({
    sopClassUid: attributes.SOPClassUID,
    sopInstanceUid: attributes.SOPInstanceUID,
    implementationClassUid,
    implementationVersion,
    transferSyntaxUid: EXPLICIT_LITTLE_ENDIAN,
  });
  return Buffer.concat([meta, writeAttributes(attributes)]);
}

function writeAttributes(attributes: Attributes): Buffer {
  const elements = Object.entries(attributes).map(([keyword, value]) => {
    const tag = tagOfKeyword(keyword);
    const entry = tag === null ? null : dictionaryEntry(tag);
    if (entry === null) throw new Error(`not in the dictionary: ${keyword}`);
    return { tag: entry.tag, vr: value instanceof Uint8Array ? "OB" : entry.vr, value };
  });
  const sorted = elements.toSorted((a, b) => a.tag - b.tag);
  return Buffer.concat(
    sorted.map(({ tag, vr, value }) => writeElement(tag, vr, valueBytes(vr, value))),
  );
}

function valueBytes(vr: string, value: Attributes[string]): Buffer {
  if (value instanceof Uint8Array) {
    return Buffer.from(value.buffer, value.byteOffset, value.length);
  }
  const write = BINARY[vr];
  if (write !== undefined) return Buffer.concat([value].flat().map((one) => write(Number(one))));
  if (typeof value === "string" || typeof value === "number") return Buffer.from(String(value));
  if (vr !== "SQ") return Buffer.from(value.filter((one) => typeof one !== "object").join("\\"));
  return Buffer.concat(value.flatMap((one) => (typeof one === "object" ? writeItem(one) : [])));
}

const bytes = (length: number, write: (buffer: Buffer) => void): Buffer => {
  const buffer = Buffer.alloc(length);
  write(buffer);
  return buffer;
};

/** How a value of a binary VR is written (PS3.5 6.2). */
const BINARY: Readonly<Record<string, (value: number) => Buffer>> = {
  US: (value) => bytes(2, (buffer) => buffer.writeUInt16LE(value)),
  SS: (value) => bytes(2, (buffer) => buffer.writeInt16LE(value)),
  UL: (value) => bytes(4, (buffer) => buffer.writeUInt32LE(value)),
  SL: (value) => bytes(4, (buffer) => buffer.writeInt32LE(value)),
  FL: (value) => bytes(4, (buffer) => buffer.writeFloatLE(value)),
  FD: (value) => bytes(8, (buffer) => buffer.writeDoubleLE(value)),
};

function writeItem(item: Attributes): Buffer[] {
  const body = writeAttributes(item);
  return [delimiter(ITEM, body.length), body];
}

import { dictionaryEntry, tagOfKeyword } from "../dictionary.ts";
import { EXPLICIT_LITTLE_ENDIAN } from "../transfer-syntax.ts";
import { delimiter, ITEM, writeElement } from "./element-writer.ts";
import { writeFileMeta } from "./file-meta.ts";

/**
 * Attributes by keyword; a sequence is a list of items, an empty list an empty element, bytes a
 * value of OB.
 */
export interface Attributes {
  readonly [keyword: string]: string | number | Uint8Array | readonly (string | Attributes)[];
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
  if (vr === "UL" || vr === "US") return integer(vr, Number(value));
  if (typeof value === "string" || typeof value === "number") return Buffer.from(String(value));
  const texts = value.filter((one) => typeof one === "string");
  if (vr !== "SQ") return Buffer.from(texts.join("\\"));
  return Buffer.concat(value.flatMap((one) => (typeof one === "string" ? [] : writeItem(one))));
}

function integer(vr: "UL" | "US", value: number): Buffer {
  const bytes = Buffer.alloc(vr === "UL" ? 4 : 2);
  bytes.writeUIntLE(value, 0, bytes.length);
  return bytes;
}

function writeItem(item: Attributes): Buffer[] {
  const body = writeAttributes(item);
  return [delimiter(ITEM, body.length), body];
}

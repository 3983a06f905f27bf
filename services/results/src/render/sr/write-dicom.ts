import { dictionaryEntry, EXPLICIT_LITTLE_ENDIAN, tagOfKeyword } from "@axial/dicom";

/** Attributes by keyword; a sequence is a list of items. An empty list is an empty element. */
export interface Attributes {
  readonly [keyword: string]: string | number | Uint8Array | readonly (string | Attributes)[];
}

/** VRs whose length has four bytes after two reserved ones (PS3.5 table 7.1-1). */
const LONG_VRS = new Set(["OB", "OW", "SQ", "UC", "UR", "UT", "UN"]);
const PREAMBLE_BYTES = 128;

export interface Part10Object {
  readonly implementationClassUid: string;
  readonly implementationVersion: string;
  readonly attributes: Attributes & {
    readonly SOPClassUID: string;
    readonly SOPInstanceUID: string;
  };
}

/** A PS3.10 file in Explicit VR Little Endian, text in UTF-8 (declare ISO_IR 192). */
export function writeDicom(object: Part10Object): Buffer {
  const { attributes } = object;
  const meta = encodeItem({
    FileMetaInformationVersion: "\u0000\u0001",
    MediaStorageSOPClassUID: attributes.SOPClassUID,
    MediaStorageSOPInstanceUID: attributes.SOPInstanceUID,
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: object.implementationClassUid,
    ImplementationVersionName: object.implementationVersion,
  });
  const length = encodeElement({ tag: 0x0002_0000, vr: "UL", value: meta.length });
  const preamble = Buffer.alloc(PREAMBLE_BYTES);
  return Buffer.concat([preamble, Buffer.from("DICM"), length, meta, encodeItem(attributes)]);
}

interface RawElement {
  readonly tag: number;
  readonly vr: string;
  readonly value: Attributes[string];
}

function encodeItem(attributes: Attributes): Buffer {
  const elements = Object.entries(attributes).map(([keyword, value]) => describe(keyword, value));
  return Buffer.concat(elements.toSorted((a, b) => a.tag - b.tag).map(encodeElement));
}

function describe(keyword: string, value: Attributes[string]): RawElement {
  const tag = tagOfKeyword(keyword);
  const entry = tag === null ? null : dictionaryEntry(tag);
  if (entry === null) throw new Error(`not in the dictionary: ${keyword}`);
  return { tag: entry.tag, vr: value instanceof Uint8Array ? "OB" : entry.vr, value };
}

function encodeElement({ tag, vr, value }: RawElement): Buffer {
  const body = encodeValue(vr, value);
  const header = Buffer.alloc(LONG_VRS.has(vr) ? 12 : 8);
  header.writeUInt16LE(tag >>> 16, 0);
  header.writeUInt16LE(tag & 0xffff, 2);
  header.write(vr, 4, "latin1");
  if (LONG_VRS.has(vr)) header.writeUInt32LE(body.length, 8);
  else header.writeUInt16LE(body.length, 6);
  return Buffer.concat([header, body]);
}

function encodeValue(vr: string, value: Attributes[string]): Buffer {
  if (value instanceof Uint8Array) return evenBytes(value);
  if (vr === "UL" || vr === "US") return encodeInteger(vr, Number(value));
  if (typeof value === "string" || typeof value === "number") return padded(vr, String(value));
  const texts = value.filter((one) => typeof one === "string");
  if (vr !== "SQ") return padded(vr, texts.join("\\"));
  return Buffer.concat(value.map((item) => encodeSequenceItem(item as Attributes)));
}

function evenBytes(value: Uint8Array): Buffer {
  const bytes = Buffer.from(value.buffer, value.byteOffset, value.length);
  return bytes.length % 2 === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(1)]);
}

function encodeInteger(vr: "UL" | "US", value: number): Buffer {
  const bytes = Buffer.alloc(vr === "UL" ? 4 : 2);
  bytes.writeUIntLE(value, 0, bytes.length);
  return bytes;
}

/** Even length: UIDs and bytes with NUL, text with a space (PS3.5 section 6.2). */
function padded(vr: string, text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  if (bytes.length % 2 === 0) return bytes;
  return Buffer.concat([bytes, Buffer.from(vr === "UI" || vr === "OB" ? "\u0000" : " ")]);
}

function encodeSequenceItem(item: Attributes): Buffer {
  const body = encodeItem(item);
  const header = Buffer.alloc(8);
  header.writeUInt16LE(0xfffe, 0);
  header.writeUInt16LE(0xe000, 2);
  header.writeUInt32LE(body.length, 4);
  return Buffer.concat([header, body]);
}

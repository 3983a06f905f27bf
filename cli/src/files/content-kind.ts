/** What the first bytes of a file say that it is. */
export type ContentKind = "maybe-dicom" | "zip" | "gzip" | "tar" | "unknown-archive" | "empty";

/** Enough for DICOM's prefix at 128 and tar's at 257. */
export const KIND_BYTES = 512;

const MAGIC: readonly (readonly [ContentKind, offset: number, bytes: string])[] = [
  // A part-10 file may hold anything in its preamble, a TIFF or a zip header too.
  ["maybe-dicom", 128, "DICM"],
  ["zip", 0, "PK\x03\x04"],
  ["zip", 0, "PK\x05\x06"],
  ["gzip", 0, "\x1f\x8b\x08"],
  ["tar", 257, "ustar"],
  ["unknown-archive", 0, "7z\xbc\xaf\x27\x1c"],
  ["unknown-archive", 0, "Rar!\x1a\x07"],
  ["unknown-archive", 0, "\xfd7zXZ\x00"],
  ["unknown-archive", 0, "BZh"],
  ["unknown-archive", 0, "\x28\xb5\x2f\xfd"],
];

/** The kind of a file by its first `KIND_BYTES` bytes; whether it is DICOM its reader decides. */
export function contentKind(head: Buffer): ContentKind {
  if (head.length === 0) return "empty";
  const text = head.toString("latin1");
  return MAGIC.find(([, offset, bytes]) => text.startsWith(bytes, offset))?.[0] ?? "maybe-dicom";
}

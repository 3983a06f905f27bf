import {
  decodableTransferSyntaxes,
  EXPLICIT_LITTLE_ENDIAN,
  IMPLICIT_LITTLE_ENDIAN,
} from "@axial/dicom";

export const VERIFICATION = "1.2.840.10008.1.1";
export const STORAGE_COMMITMENT = "1.2.840.10008.1.20.1";

/** Storage SOP classes (PS3.4 table B.5-1) lie under this root, and a few elsewhere. */
const STORAGE_ROOT = "1.2.840.10008.5.1.4.1.1.";
const OTHER_STORAGE = new Set([
  "1.2.840.10008.5.1.4.34.7", // RT Beams Delivery Instruction Storage
  "1.2.840.10008.5.1.4.34.10", // RT Brachy Application Setup Delivery Instruction Storage
  "1.2.840.10008.5.1.4.43.1", // Generic Implant Template Storage
  "1.2.840.10008.5.1.4.44.1", // Implant Assembly Template Storage
  "1.2.840.10008.5.1.4.45.1", // Implant Template Group Storage
]);

/** True for a SOP class of the Storage Service Class. */
export function isStorageClass(uid: string): boolean {
  return uid.startsWith(STORAGE_ROOT) || OTHER_STORAGE.has(uid);
}

const UNCOMPRESSED = [EXPLICIT_LITTLE_ENDIAN, IMPLICIT_LITTLE_ENDIAN];
const COMPRESSED = new Set(
  decodableTransferSyntaxes()
    .filter(({ codec }) => codec !== "native")
    .map(({ uid }) => uid),
);
const READABLE = new Set(decodableTransferSyntaxes().map(({ uid }) => uid));

/**
 * The transfer syntax that is accepted of those proposed; null when none can be read. Pixel data
 * stays compressed where the sender offers that: the first compressed syntax in the sender's
 * order, then explicit before implicit little endian, then whatever else can be read.
 */
export function chooseTransferSyntax(
  abstractSyntax: string,
  proposed: readonly string[],
): string | null {
  const compressed = isStorageClass(abstractSyntax)
    ? proposed.find((uid) => COMPRESSED.has(uid))
    : undefined;
  return (
    compressed ??
    UNCOMPRESSED.find((uid) => proposed.includes(uid)) ??
    proposed.find((uid) => READABLE.has(uid)) ??
    null
  );
}

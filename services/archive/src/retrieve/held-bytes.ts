import { MAX_INFLATED_BYTES, transferSyntaxOf } from "@axial/dicom";
import type { StoredInstance } from "@axial/store/search";

/** Bytes in memory while frames of an instance are read: a deflated data set is inflated whole. */
export function heldBytes({
  bytes,
  transferSyntax,
}: Pick<StoredInstance, "bytes" | "transferSyntax">): number {
  return transferSyntaxOf(transferSyntax).deflated ? MAX_INFLATED_BYTES : bytes;
}

import type { DataSet } from "./data-set.ts";
import type { TransferSyntax } from "./transfer-syntax.ts";

/** One DICOM object as it was read: views of the caller's bytes, nothing copied. */
export interface DicomInstance {
  /** Group 0002. Empty for bytes without file meta information. */
  readonly meta: DataSet;
  readonly dataset: DataSet;
  readonly syntax: TransferSyntax;
  /** The bytes end before the data set does: a prefix, or a damaged file. */
  readonly truncated: boolean;
}

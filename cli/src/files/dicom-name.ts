import { asAxialError } from "@axial/contracts";
import { readInstance, Tag } from "@axial/dicom";

/** Media Storage Directory Storage (PS3.4 B.5): a DICOMDIR. */
const DIRECTORY_CLASS = "1.2.840.10008.1.3.10";

/** The UIDs of an instance. */
interface DicomName {
  readonly study: string;
  readonly series: string;
  readonly instance: string;
}

/** What the bytes are: an instance, something else, or an instance that no reader takes. */
export type DicomReading =
  | { readonly status: "instance"; readonly name: DicomName }
  | { readonly status: "not-dicom" }
  | { readonly status: "dicomdir" }
  | { readonly status: "refused"; readonly code: string };

/** Reads as much of an instance as names it; `whole` when `head` is all of it. */
export function readDicomName(head: Buffer, whole: boolean): DicomReading {
  try {
    const { meta, dataset } = readInstance(head, { untilPixelData: !whole });
    if (meta.string(Tag.MediaStorageSopClassUid) === DIRECTORY_CLASS) return { status: "dicomdir" };
    const study = dataset.string(Tag.StudyInstanceUid);
    const series = dataset.string(Tag.SeriesInstanceUid);
    const instance = dataset.string(Tag.SopInstanceUid);
    if (!study || !series || !instance) return { status: "refused", code: "missing-identifiers" };
    return { status: "instance", name: { study, series, instance } };
  } catch (error) {
    const { code } = asAxialError(error, "malformed-dicom");
    const isNone = code === "not-dicom" || head.toString("latin1", 128, 132) !== "DICM";
    return isNone ? { status: "not-dicom" } : { status: "refused", code };
  }
}

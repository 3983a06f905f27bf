import { AxialError, type InstanceFacts } from "@axial/contracts";
import {
  type DataSet,
  type DicomInstance,
  endsBeforeImage,
  frameCount,
  instanceFacts,
  Tag,
} from "@axial/dicom";
import type { TagSnapshot } from "@axial/store/ingest";
import { expectedEnd } from "./expected-end.ts";
import { patientTags } from "./tag-snapshot.ts";

/** What ingest needs to know of each instance; its values are copies. */
export interface Examination {
  readonly facts: InstanceFacts;
  readonly patientTags: TagSnapshot;
  /** Where uncompressed pixel data must end; 0 when nothing can be said. */
  readonly expectedEnd: number;
  /** The file ended before its data set did. */
  readonly truncated: boolean;
  /** The data set ends before the image that its SOP class has; of a file's first bytes it may. */
  readonly imageless: boolean;
  /** Bytes that were read: of a deflated data set, those that it was inflated to. */
  readonly bytesRead: number;
}

/**
 * Throws `missing-identifiers`, or `truncated-data-set` where they are missing because the file was
 * cut; `malformed-dicom` for an image without rows or columns or with less than no frames.
 */
export function examine(instance: DicomInstance): Examination {
  const { dataset, truncated } = instance;
  checkExtent(dataset);
  return {
    facts: factsOf(instance),
    patientTags: patientTags(dataset),
    expectedEnd: expectedEnd(instance),
    truncated,
    imageless: endsBeforeImage(dataset),
    bytesRead: dataset.bytes.length,
  };
}

function factsOf(instance: DicomInstance): InstanceFacts {
  try {
    return instanceFacts(instance);
  } catch (cause) {
    throw instance.truncated ? new AxialError("truncated-data-set", { cause }) : cause;
  }
}

function checkExtent(dataset: DataSet): void {
  if (frameCount(dataset) === 0) return;
  const fits =
    dataset.int(Tag.Rows) !== 0 &&
    dataset.int(Tag.Columns) !== 0 &&
    (dataset.int(Tag.NumberOfFrames) ?? 1) >= 0;
  if (!fits) throw new AxialError("malformed-dicom", { detail: "an image without any extent" });
}

import type { InstanceFacts } from "@axial/contracts";
import { type DicomInstance, instanceFacts } from "@axial/dicom";
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
  /** Bytes that were read: of a deflated data set, those that it was inflated to. */
  readonly bytesRead: number;
}

/** Throws `missing-identifiers`, or what is wrong with the values. */
export function examine(instance: DicomInstance): Examination {
  const { dataset, truncated } = instance;
  return {
    facts: instanceFacts(instance),
    patientTags: patientTags(dataset),
    expectedEnd: expectedEnd(instance),
    truncated,
    bytesRead: dataset.bytes.length,
  };
}

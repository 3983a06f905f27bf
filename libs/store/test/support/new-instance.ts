import { type BlobKey, newUid, type TenantId, UNSTATED_FACTS } from "@axial/contracts";
import type { NewInstance } from "@axial/store/ingest";

export const TENANT = "default" as TenantId;

/** An MR slice with fresh UIDs whose bytes are in the blob `blob`. */
export function newInstance(blob: BlobKey, overrides: Partial<NewInstance> = {}): NewInstance {
  return {
    tenant: TENANT,
    facts: {
      ...UNSTATED_FACTS,
      studyUid: newUid(),
      seriesUid: newUid(),
      sopInstanceUid: newUid(),
      sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
      transferSyntax: "1.2.840.10008.1.2.1",
      modality: "MR",
      rows: 8,
      columns: 8,
      photometricInterpretation: "MONOCHROME2",
    },
    kind: "dicom",
    blob,
    bytes: 100,
    patientTags: {},
    studyTags: {},
    seriesTags: {},
    lane: null,
    expectedInstances: null,
    models: null,
    ...overrides,
  };
}

import { type BlobKey, newUid, type TenantId } from "@axial/contracts";
import type { NewInstance } from "../../src/index.ts";

export const TENANT = "default" as TenantId;

/** An MR slice with fresh UIDs whose bytes are in the blob `blob`. */
export function newInstance(blob: BlobKey, overrides: Partial<NewInstance> = {}): NewInstance {
  return {
    tenant: TENANT,
    facts: {
      studyUid: newUid(),
      seriesUid: newUid(),
      sopInstanceUid: newUid(),
      sopClassUid: "1.2.840.10008.5.1.4.1.1.4",
      transferSyntax: "1.2.840.10008.1.2.1",
      modality: "MR",
      bodyPart: null,
      laterality: null,
      studyDescription: null,
      seriesDescription: null,
      protocolName: null,
      sequenceName: null,
      imageType: [],
      instanceNumber: 1,
      rows: 8,
      columns: 8,
      frames: 1,
      photometricInterpretation: "MONOCHROME2",
      orientation: null,
      position: null,
      pixelSpacing: null,
      plane: null,
      echoTime: null,
      repetitionTime: null,
      hasPixelData: true,
      localizer: false,
      derived: false,
      burnedInAnnotation: null,
      ownOutput: false,
    },
    kind: "dicom",
    blob,
    bytes: 100,
    studyTags: {},
    seriesTags: {},
    lane: null,
    expectedInstances: null,
    models: null,
    ...overrides,
  };
}

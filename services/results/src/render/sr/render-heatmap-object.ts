import { OWN_IMPLEMENTATION_CLASS_UID, OWN_MANUFACTURER } from "@axial/contracts";
import { writeObject } from "@axial/dicom";
import type { TagSnapshot } from "@axial/store/ingest";
import type { HeatmapRef } from "../../views/heatmap-id.ts";
import type { Picture } from "../heatmap/render-heatmap.ts";
import type { ImageRef } from "../report/report.ts";
import { codeItem, dcm, sopReference } from "./content-items.ts";
import { issuedAt } from "./date-time.ts";
import { heatmapUids } from "./heatmap-references.ts";
import { patientAndStudy } from "./patient-and-study.ts";
import { SOFTWARE_VERSION } from "./software-version.ts";

/** Behind the series of any scanner, and behind the report's. */
const SERIES_NUMBER = "9901";

interface HeatmapObject {
  readonly ref: HeatmapRef;
  readonly picture: Picture;
  readonly study: { readonly studyUid: string; readonly tags: TagSnapshot };
  /** The slice that it is of. */
  readonly source: ImageRef;
  readonly model: string;
  readonly createdAt: Date;
}

/**
 * A heat map as a Secondary Capture image (PS3.3 section A.8.1) in the study of its slice: what the
 * report refers to as Visual Explanation. The same heat map gives the same bytes.
 */
export function renderHeatmapObject(object: HeatmapObject): Buffer {
  const { picture, ref, source, study } = object;
  const { seriesUid, sopInstanceUid, sopClassUid } = heatmapUids(ref);
  const { date, time, offset } = issuedAt({ issuedAt: object.createdAt, tags: study.tags });
  return writeObject({
    implementationClassUid: OWN_IMPLEMENTATION_CLASS_UID,
    implementationVersion: SOFTWARE_VERSION,
    attributes: {
      SpecificCharacterSet: "ISO_IR 192",
      SOPClassUID: sopClassUid,
      SOPInstanceUID: sopInstanceUid,
      ...patientAndStudy(study),
      Modality: "OT",
      ConversionType: "WSD",
      SeriesInstanceUID: seriesUid,
      SeriesNumber: SERIES_NUMBER,
      SeriesDescription: `Axial heat maps ${object.model}`.slice(0, 64),
      InstanceNumber: String(ref.slice + 1),
      Manufacturer: OWN_MANUFACTURER,
      SoftwareVersions: SOFTWARE_VERSION,
      ImageType: ["DERIVED", "SECONDARY"],
      BurnedInAnnotation: "YES",
      DerivationDescription:
        "Evidence for the most probable label over the slice; research use only",
      SourceImageSequence: [
        {
          ...sopReference(source),
          PurposeOfReferenceCodeSequence: [
            codeItem(dcm("121322", "Source image for image processing operation")),
          ],
        },
      ],
      PatientOrientation: "",
      Laterality: "",
      ContentDate: date,
      ContentTime: time,
      ...offset,
      ...pixelsOf(picture),
    },
  });
}

function pixelsOf({ width, height, pixels }: Picture) {
  return {
    SamplesPerPixel: 3,
    PhotometricInterpretation: "RGB",
    PlanarConfiguration: 0,
    Rows: height,
    Columns: width,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: pixels,
  };
}

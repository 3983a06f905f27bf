import { OWN_IMPLEMENTATION_CLASS_UID, OWN_MANUFACTURER } from "@axial/contracts";
import { type Attributes, writeObject } from "@axial/dicom";
import type { TagSnapshot } from "@axial/store/ingest";
import type { HeatmapRef } from "../../views/heatmap-id.ts";
import type { HeatmapPicture, Picture } from "../heatmap/render-heatmap.ts";
import { decimal } from "../heatmap/slice-geometry.ts";
import type { ImageRef } from "../report/report.ts";
import { codeItem, dcm, sopReference } from "./content-items.ts";
import { issuedAt } from "./date-time.ts";
import { heatmapUids } from "./heatmap-references.ts";
import { patientAndStudy } from "./patient-and-study.ts";
import { SOFTWARE_VERSION } from "./software-version.ts";

/** Behind the series of any scanner, and behind the report's. */
export const HEATMAP_SERIES_NUMBER = "9901";

interface HeatmapObject {
  readonly ref: HeatmapRef;
  readonly picture: HeatmapPicture;
  readonly study: { readonly studyUid: string; readonly tags: TagSnapshot };
  /** The slice that it is of. */
  readonly source: ImageRef;
  /** The model's id. */
  readonly model: string;
  readonly createdAt: Date;
}

/**
 * A heat map as a Secondary Capture image (PS3.3 section A.8.1) in the study of its slice: what the
 * report refers to as Visual Explanation. It lies where its slice lies: frame of reference and image
 * plane are those of the source, which makes it a Standard Extended SOP Class. The same heat map
 * yields the same bytes.
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
      SeriesNumber: HEATMAP_SERIES_NUMBER,
      SeriesDescription: heatmapSeriesDescription(object.model),
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
      ...planeOf(picture),
      ...pixelsOf(picture),
    },
  });
}

/** LO holds 64 characters. */
export function heatmapSeriesDescription(model: string): string {
  return `Axial heat maps ${model}`.slice(0, 64);
}

/**
 * The picture begins at the slice's upper left corner. Its pixels are square, fewer or more than the
 * slice's; the position is that of the first one's centre (PS3.3 C.7.6.2.1.1).
 */
function planeOf({ geometry, width }: HeatmapPicture): Attributes {
  if (geometry === null) return {};
  const { frameOfReferenceUid, orientation, spacing, columns } = geometry;
  const side = (spacing[1] * columns) / width;
  const [down, right] = [(side - spacing[0]) / 2, (side - spacing[1]) / 2];
  const position = geometry.position.map(
    (millimetres, axis) =>
      millimetres + right * (orientation[axis] ?? 0) + down * (orientation[axis + 3] ?? 0),
  );
  const size = decimal(side);
  return {
    FrameOfReferenceUID: frameOfReferenceUid,
    PositionReferenceIndicator: "",
    ImagePositionPatient: position.map(decimal),
    ImageOrientationPatient: orientation.map(decimal),
    PixelSpacing: [size, size],
  };
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

import { newUid } from "@axial/contracts";
import { writePart10 } from "@axial/dicom/fixtures";
import { brain, knee } from "./anatomy.ts";
import { paint } from "./ellipses.ts";
import { seededRandom } from "./seeded-random.ts";

export const PHANTOM_KINDS = ["brain", "brain-with-mass", "knee"] as const;
export type PhantomKind = (typeof PHANTOM_KINDS)[number];

interface PhantomOptions {
  readonly kind: PhantomKind;
  readonly seed?: number;
  readonly slices?: number;
  /** Rows and columns of each slice. */
  readonly size?: number;
  /** Given to put several series into one study. */
  readonly studyUid?: string;
}

interface PhantomSeries {
  readonly studyUid: string;
  readonly seriesUid: string;
  /** PS3.10 files in slice order. */
  readonly files: readonly Buffer[];
}

/** MR Image Storage. */
const MR_IMAGE = "1.2.840.10008.5.1.4.1.1.4";
const FIELD_OF_VIEW_MM = 230;
const SLICE_SPACING_MM = 5;
/** Stored values of twelve bits, as MR scanners write them. */
const MAXIMUM = 4095;

/** How each kind lies in space and what its tags say (PS3.3 C.7.6.2). */
const KINDS = {
  brain: { bodyPart: "BRAIN", protocol: "T1 axial", orientation: [1, 0, 0, 0, 1, 0] },
  knee: { bodyPart: "KNEE", protocol: "PD sagittal", orientation: [0, 1, 0, 0, 0, -1] },
} as const;

/**
 * A generated MR series: proper DICOM with geometry, no person's anatomy. The same seed yields the
 * same pixels; the UIDs are new each time.
 */
export function phantomSeries(options: PhantomOptions): PhantomSeries {
  const slices = options.slices ?? 20;
  const studyUid = options.studyUid ?? newUid();
  const seriesUid = newUid();
  const frameOfReference = newUid();
  const random = seededRandom(options.seed ?? 1);
  const files = Array.from({ length: slices }, (_, index) =>
    sliceFile({ ...options, slices, index, studyUid, seriesUid, frameOfReference, random }),
  );
  return { studyUid, seriesUid, files };
}

interface SliceContext extends PhantomOptions {
  readonly slices: number;
  readonly index: number;
  readonly studyUid: string;
  readonly seriesUid: string;
  readonly frameOfReference: string;
  readonly random: () => number;
}

function sliceFile(context: SliceContext): Buffer {
  const { kind, index } = context;
  const size = context.size ?? 256;
  const about = KINDS[kind === "knee" ? "knee" : "brain"];
  const spacing = (FIELD_OF_VIEW_MM / size).toFixed(4);
  const offset = (index - (context.slices - 1) / 2) * SLICE_SPACING_MM;
  return writePart10({
    elements: {
      SOPClassUID: MR_IMAGE,
      SOPInstanceUID: newUid(),
      StudyInstanceUID: context.studyUid,
      SeriesInstanceUID: context.seriesUid,
      FrameOfReferenceUID: context.frameOfReference,
      PatientName: "PHANTOM^GENERATED",
      PatientID: "PHANTOM",
      StudyDate: "20260101",
      StudyTime: "120000",
      StudyID: "1",
      AccessionNumber: "",
      Modality: "MR",
      Manufacturer: "Phantom generator",
      StudyDescription: `${about.bodyPart} phantom`,
      SeriesDescription: about.protocol,
      ProtocolName: about.protocol,
      BodyPartExamined: about.bodyPart,
      ImageType: ["ORIGINAL", "PRIMARY", "M", "ND"],
      SeriesNumber: 1,
      InstanceNumber: index + 1,
      ImageOrientationPatient: about.orientation.map(String),
      ImagePositionPatient: position(kind, offset),
      PixelSpacing: [spacing, spacing],
      SliceThickness: String(SLICE_SPACING_MM),
      SamplesPerPixel: 1,
      PhotometricInterpretation: "MONOCHROME2",
      Rows: size,
      Columns: size,
      BitsAllocated: 16,
      BitsStored: 12,
      HighBit: 11,
      PixelRepresentation: 0,
      PixelData: pixels(context, size),
    },
  });
}

function position(kind: PhantomKind, offset: number): string[] {
  const corner = -FIELD_OF_VIEW_MM / 2;
  const place = kind === "knee" ? [offset, corner, -corner] : [corner, corner, offset];
  return place.map((value) => value.toFixed(3));
}

function pixels(context: SliceContext, size: number): Uint16Array {
  const along = context.slices === 1 ? 0 : (2 * context.index) / (context.slices - 1) - 1;
  const tissues =
    context.kind === "knee" ? knee(along) : brain(along * 0.9, context.kind !== "brain");
  return paint(tissues, {
    rows: size,
    columns: size,
    maximum: MAXIMUM,
    noise: 0.06,
    random: context.random,
  });
}

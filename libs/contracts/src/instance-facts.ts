import { type Static, Type } from "typebox";

const Nullable = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);
const Text = Nullable(Type.String());
const Vector = (length: number) =>
  Type.Array(Type.Number(), { minItems: length, maxItems: length });

export const PLANES = ["axial", "coronal", "sagittal"] as const;
export type Plane = (typeof PLANES)[number];

const PerFrame = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Optional(Type.Array(schema));

/**
 * What the frames of a multi-frame instance say for themselves (PS3.3 C.7.6.16), a column each
 * with an entry per frame; a column on which all frames agree with the instance is left out.
 */
const FrameColumnsSchema = Type.Object({
  imageType: PerFrame(Type.Array(Type.String())),
  laterality: PerFrame(Text),
  orientation: PerFrame(Nullable(Vector(6))),
  position: PerFrame(Nullable(Vector(3))),
  echoTime: PerFrame(Nullable(Type.Number())),
  repetitionTime: PerFrame(Nullable(Type.Number())),
  diffusionBValue: PerFrame(Nullable(Type.Number())),
  temporalPosition: PerFrame(Nullable(Type.Number())),
  acquisitionNumber: PerFrame(Nullable(Type.Number())),
});
export type FrameColumns = Static<typeof FrameColumnsSchema>;

/**
 * What planning needs to know of one instance, read once at ingest from its tags. Lives in
 * Postgres only. Lengths are in millimetres, angles in degrees; null means the tag is missing.
 */
const InstanceFactsSchema = Type.Object({
  studyUid: Type.String(),
  seriesUid: Type.String(),
  sopInstanceUid: Type.String(),
  sopClassUid: Type.String(),
  transferSyntax: Type.String(),
  modality: Text,
  bodyPart: Text,
  laterality: Text,
  studyDescription: Text,
  seriesDescription: Text,
  protocolName: Text,
  sequenceName: Text,
  imageType: Type.Array(Type.String()),
  instanceNumber: Nullable(Type.Integer()),
  rows: Nullable(Type.Integer()),
  columns: Nullable(Type.Integer()),
  bitsAllocated: Type.Optional(Nullable(Type.Integer())),
  frames: Type.Integer({ minimum: 0 }),
  photometricInterpretation: Text,
  /** Row then column direction cosines, ImageOrientationPatient (PS3.3 C.7.6.2.1.1). */
  orientation: Nullable(Vector(6)),
  position: Nullable(Vector(3)),
  /** Row spacing then column spacing. */
  pixelSpacing: Nullable(Vector(2)),
  /** Nearest anatomical plane and the angle between the slice normal and that plane's normal. */
  plane: Nullable(Type.Object({ name: Type.Enum([...PLANES]), obliquityDegrees: Type.Number() })),
  echoTime: Nullable(Type.Number()),
  repetitionTime: Nullable(Type.Number()),
  diffusionBValue: Type.Optional(Nullable(Type.Number())),
  /** TemporalPositionIdentifier, or the index in the frame content of an enhanced instance. */
  temporalPosition: Type.Optional(Nullable(Type.Number())),
  acquisitionNumber: Type.Optional(Nullable(Type.Number())),
  viewPosition: Type.Optional(Text),
  /** Where rows and columns run to, PatientOrientation (PS3.3 C.7.6.1.1.1): "L", "F", "PH" … */
  patientOrientation: Type.Optional(Type.Array(Type.String())),
  /** SpacingBetweenSlices, else SliceThickness. */
  sliceSpacing: Type.Optional(Nullable(Type.Number())),
  /**
   * Checksum of the stored pixel data, to recognise copies; absent if it was not entirely in
   * memory.
   */
  pixelChecksum: Type.Optional(Type.Integer()),
  perFrame: Type.Optional(FrameColumnsSchema),
  hasPixelData: Type.Boolean(),
  localizer: Type.Boolean(),
  derived: Type.Boolean(),
  burnedInAnnotation: Nullable(Type.Boolean()),
  ownOutput: Type.Boolean(),
});
export type InstanceFacts = Static<typeof InstanceFactsSchema>;

/** Facts of an image whose tags say nothing. */
export const UNSTATED_FACTS = {
  modality: null,
  bodyPart: null,
  laterality: null,
  studyDescription: null,
  seriesDescription: null,
  protocolName: null,
  sequenceName: null,
  imageType: [],
  instanceNumber: 1,
  frames: 1,
  photometricInterpretation: null,
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
} satisfies Partial<InstanceFacts>;

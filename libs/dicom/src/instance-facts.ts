import {
  AxialError,
  type InstanceFacts,
  OWN_IMPLEMENTATION_CLASS_UID,
  OWN_MANUFACTURER,
} from "@axial/contracts";
import type { DataSet } from "./data-set.ts";
import { type FrameFacts, frameColumns } from "./frame-columns.ts";
import { functionalGroup, holderOf } from "./functional-groups.ts";
import { planeOf } from "./geometry.ts";
import { isDerived, isLocalizer } from "./image-type.ts";
import type { DicomInstance } from "./instance.ts";
import { MAX_FACT_CHARACTERS, MAX_FRAMES } from "./limits.ts";
import { pixelChecksum } from "./pixel-checksum.ts";
import { hasPixelData } from "./read-instance.ts";
import { Tag } from "./tags.ts";

/** PS3.5 9.1, but leading zeros are let through: equipment in use writes them. */
const UID = /^\d+(\.\d+)*$/;
const MAX_UID_CHARACTERS = 64;

/**
 * What planning needs to know of an instance, from its tags. Throws `missing-identifiers` when a
 * study, series, SOP instance or SOP class UID is missing or is not a UID.
 */
export function instanceFacts(instance: DicomInstance): InstanceFacts {
  const { meta, dataset, syntax } = instance;
  return {
    studyUid: uid(dataset.string(Tag.StudyInstanceUid), "StudyInstanceUID"),
    seriesUid: uid(dataset.string(Tag.SeriesInstanceUid), "SeriesInstanceUID"),
    sopInstanceUid: uid(
      dataset.string(Tag.SopInstanceUid) ?? meta.string(Tag.MediaStorageSopInstanceUid),
      "SOPInstanceUID",
    ),
    sopClassUid: uid(
      dataset.string(Tag.SopClassUid) ?? meta.string(Tag.MediaStorageSopClassUid),
      "SOPClassUID",
    ),
    transferSyntax: syntax.uid,
    ...describe(dataset),
    ...imageFacts(dataset),
    ...geometryFacts(dataset),
    ...framesOf(dataset),
    ownOutput: isOwnOutput(meta, dataset),
  };
}

function uid(value: string | null, name: string): string {
  if (value !== null && value.length <= MAX_UID_CHARACTERS && UID.test(value)) return value;
  throw new AxialError("missing-identifiers", { detail: `${name} is missing or not a UID` });
}

function text(dataset: DataSet, tag: number): string | null {
  return dataset.text(tag)?.slice(0, MAX_FACT_CHARACTERS).toWellFormed() ?? null;
}

function describe(dataset: DataSet) {
  const anatomy = functionalGroup(dataset, 0, Tag.FrameAnatomySequence);
  const region = (anatomy ?? dataset).items(Tag.AnatomicRegionSequence)[0];
  return {
    modality: text(dataset, Tag.Modality),
    bodyPart:
      text(dataset, Tag.BodyPartExamined) ?? (region && text(region, Tag.CodeMeaning)) ?? null,
    studyDescription: text(dataset, Tag.StudyDescription),
    seriesDescription: text(dataset, Tag.SeriesDescription),
    protocolName: text(dataset, Tag.ProtocolName),
    sequenceName: text(dataset, Tag.SequenceName) ?? text(dataset, Tag.PulseSequenceName),
    instanceNumber: dataset.int(Tag.InstanceNumber),
  };
}

function imageFacts(dataset: DataSet) {
  const burnedIn = dataset.string(Tag.BurnedInAnnotation)?.toUpperCase();
  const checksum = pixelChecksum(dataset);
  return {
    rows: dataset.int(Tag.Rows),
    columns: dataset.int(Tag.Columns),
    bitsAllocated: dataset.int(Tag.BitsAllocated),
    frames: frameCount(dataset),
    photometricInterpretation: dataset.string(Tag.PhotometricInterpretation),
    hasPixelData: hasPixelData(dataset),
    burnedInAnnotation: burnedIn === "YES" ? true : burnedIn === "NO" ? false : null,
    ...(checksum === null ? {} : { pixelChecksum: checksum }),
  };
}

/** Frames of the pixel data: NumberOfFrames, one when it is missing, none without pixel data. */
export function frameCount(dataset: DataSet): number {
  if (!hasPixelData(dataset)) return 0;
  const declared = dataset.int(Tag.NumberOfFrames) ?? 1;
  return Math.min(Math.max(declared, 1), MAX_FRAMES);
}

function geometryFacts(dataset: DataSet) {
  const patientOrientation = dataset.strings(Tag.PatientOrientation);
  const measures = holderOf(dataset, 0, [Tag.PixelMeasuresSequence, Tag.PixelSpacing]);
  return {
    pixelSpacing: vector(measures, Tag.PixelSpacing, 2),
    sliceSpacing:
      positive(measures.number(Tag.SpacingBetweenSlices)) ??
      positive(measures.number(Tag.SliceThickness)),
    viewPosition: text(dataset, Tag.ViewPosition),
    ...(patientOrientation.length === 2 ? { patientOrientation } : {}),
  };
}

function positive(value: number | null): number | null {
  return value !== null && value > 0 ? value : null;
}

function vector(dataset: DataSet, tag: number, length: number): number[] | null {
  const values = dataset.numbers(tag).slice(0, length);
  return values.length === length && values.every(Number.isFinite) ? values : null;
}

/** What the first frame says, for an instance of one frame what the instance says; and the others. */
function framesOf(dataset: DataSet) {
  const first = frameFacts(dataset, 0);
  const perFrame = frameColumns(dataset, first, (frame) => frameFacts(dataset, frame));
  const plane = first.orientation && planeOf(first.orientation);
  return {
    ...first,
    plane,
    localizer: isLocalizer(first.imageType),
    derived: isDerived(first.imageType),
    ...(perFrame === undefined ? {} : { perFrame }),
  };
}

function frameFacts(dataset: DataSet, frame: number): FrameFacts {
  const held = (sequence: number, tag: number) => holderOf(dataset, frame, [sequence, tag]);
  const { ImageOrientation, ImagePosition } = Tag;
  return {
    imageType: imageTypeOf(dataset, frame),
    laterality: lateralityOf(dataset, frame),
    orientation: vector(held(Tag.PlaneOrientationSequence, ImageOrientation), ImageOrientation, 6),
    position: vector(held(Tag.PlanePositionSequence, ImagePosition), ImagePosition, 3),
    ...contrastOf(dataset, frame),
    ...timeOf(dataset, frame),
  };
}

function imageTypeOf(dataset: DataSet, frame: number): string[] {
  const group =
    functionalGroup(dataset, frame, Tag.MrImageFrameTypeSequence) ??
    functionalGroup(dataset, frame, Tag.CtImageFrameTypeSequence);
  const own = group?.strings(Tag.FrameType) ?? [];
  const values = own.length > 0 ? own : dataset.strings(Tag.ImageType);
  return values.map((value) => value.toUpperCase());
}

function lateralityOf(dataset: DataSet, frame: number): string | null {
  const anatomy = functionalGroup(dataset, frame, Tag.FrameAnatomySequence);
  return (
    anatomy?.string(Tag.FrameLaterality) ??
    text(dataset, Tag.ImageLaterality) ??
    text(dataset, Tag.Laterality)
  );
}

function contrastOf(dataset: DataSet, frame: number) {
  const echo = functionalGroup(dataset, frame, Tag.MrEchoSequence);
  const timing = functionalGroup(dataset, frame, Tag.MrTimingSequence);
  const diffusion = functionalGroup(dataset, frame, Tag.MrDiffusionSequence);
  return {
    echoTime: echo?.number(Tag.EffectiveEchoTime) ?? dataset.number(Tag.EchoTime),
    repetitionTime: timing?.number(Tag.RepetitionTime) ?? dataset.number(Tag.RepetitionTime),
    diffusionBValue: diffusion?.number(Tag.DiffusionBValue) ?? dataset.number(Tag.DiffusionBValue),
  };
}

function timeOf(dataset: DataSet, frame: number) {
  const content = functionalGroup(dataset, frame, Tag.FrameContentSequence);
  return {
    temporalPosition:
      content?.number(Tag.TemporalPositionIndex) ?? dataset.number(Tag.TemporalPositionIdentifier),
    acquisitionNumber:
      content?.number(Tag.FrameAcquisitionNumber) ?? dataset.number(Tag.AcquisitionNumber),
  };
}

/** Either mark is enough: archives rewrite file meta information, and never the manufacturer. */
function isOwnOutput(meta: DataSet, dataset: DataSet): boolean {
  return (
    meta.string(Tag.ImplementationClassUid) === OWN_IMPLEMENTATION_CLASS_UID ||
    dataset.string(Tag.Manufacturer) === OWN_MANUFACTURER
  );
}

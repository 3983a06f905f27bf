import {
  AxialError,
  type InstanceFacts,
  OWN_IMPLEMENTATION_CLASS_UID,
  OWN_MANUFACTURER,
} from "@axial/contracts";
import type { DataSet } from "./data-set.ts";
import { functionalGroup, holderOf } from "./functional-groups.ts";
import { planeOf, projection, sliceNormal } from "./geometry.ts";
import type { DicomInstance } from "./instance.ts";
import { MAX_FACT_CHARACTERS, MAX_FRAMES } from "./limits.ts";
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
    ...mrFacts(dataset),
    ownOutput: isOwnOutput(meta, dataset),
  };
}

function uid(value: string | null, name: string): string {
  if (value !== null && value.length <= MAX_UID_CHARACTERS && UID.test(value)) return value;
  throw new AxialError("missing-identifiers", { detail: `${name} is missing or not a UID` });
}

function text(dataset: DataSet, tag: number): string | null {
  return dataset.text(tag)?.slice(0, MAX_FACT_CHARACTERS) ?? null;
}

function describe(dataset: DataSet) {
  const anatomy = functionalGroup(dataset, 0, Tag.FrameAnatomySequence);
  const region = (anatomy ?? dataset).items(Tag.AnatomicRegionSequence)[0];
  return {
    modality: text(dataset, Tag.Modality),
    bodyPart:
      text(dataset, Tag.BodyPartExamined) ?? (region && text(region, Tag.CodeMeaning)) ?? null,
    laterality:
      text(dataset, Tag.ImageLaterality) ??
      text(dataset, Tag.Laterality) ??
      anatomy?.string(Tag.FrameLaterality) ??
      null,
    studyDescription: text(dataset, Tag.StudyDescription),
    seriesDescription: text(dataset, Tag.SeriesDescription),
    protocolName: text(dataset, Tag.ProtocolName),
    sequenceName: text(dataset, Tag.SequenceName) ?? text(dataset, Tag.PulseSequenceName),
    instanceNumber: dataset.int(Tag.InstanceNumber),
  };
}

function imageFacts(dataset: DataSet) {
  const imageType = dataset.strings(Tag.ImageType).map((value) => value.toUpperCase());
  const burnedIn = dataset.string(Tag.BurnedInAnnotation)?.toUpperCase();
  return {
    imageType,
    rows: dataset.int(Tag.Rows),
    columns: dataset.int(Tag.Columns),
    bitsAllocated: dataset.int(Tag.BitsAllocated),
    frames: frameCount(dataset),
    photometricInterpretation: dataset.string(Tag.PhotometricInterpretation),
    hasPixelData: hasPixelData(dataset),
    localizer: imageType.some((value) => value === "LOCALIZER" || value === "SCOUT"),
    derived: imageType[0] === "DERIVED" || imageType[1] === "SECONDARY",
    burnedInAnnotation: burnedIn === "YES" ? true : burnedIn === "NO" ? false : null,
  };
}

/** Frames of the pixel data: NumberOfFrames, one when it is missing, none without pixel data. */
export function frameCount(dataset: DataSet): number {
  if (!hasPixelData(dataset)) return 0;
  const declared = dataset.int(Tag.NumberOfFrames) ?? 1;
  return Math.min(Math.max(declared, 1), MAX_FRAMES);
}

function geometryFacts(dataset: DataSet) {
  const orientation = vector(
    holderOf(dataset, 0, [Tag.PlaneOrientationSequence, Tag.ImageOrientation]),
    Tag.ImageOrientation,
    6,
  );
  const framePositions = positionsOfFrames(dataset, orientation);
  return {
    orientation,
    position: vector(
      holderOf(dataset, 0, [Tag.PlanePositionSequence, Tag.ImagePosition]),
      Tag.ImagePosition,
      3,
    ),
    pixelSpacing: vector(
      holderOf(dataset, 0, [Tag.PixelMeasuresSequence, Tag.PixelSpacing]),
      Tag.PixelSpacing,
      2,
    ),
    plane: orientation && planeOf(orientation),
    ...(framePositions === null ? {} : { framePositions }),
  };
}

function vector(dataset: DataSet, tag: number, length: number): number[] | null {
  const values = dataset.numbers(tag).slice(0, length);
  return values.length === length && values.every(Number.isFinite) ? values : null;
}

/** Where each frame lies along the normal; null unless every frame says so. */
function positionsOfFrames(dataset: DataSet, orientation: readonly number[] | null) {
  const frames = dataset.items(Tag.PerFrameFunctionalGroups);
  const normal = orientation && sliceNormal(orientation);
  if (frames.length === 0 || !normal) return null;
  const places: number[] = [];
  for (const frame of frames) {
    const group = frame.items(Tag.PlanePositionSequence)[0];
    const position = group && vector(group, Tag.ImagePosition, 3);
    if (!position) return null;
    places.push(projection(position, normal));
  }
  return places;
}

function mrFacts(dataset: DataSet) {
  const echo = functionalGroup(dataset, 0, Tag.MrEchoSequence);
  const timing = functionalGroup(dataset, 0, Tag.MrTimingSequence);
  return {
    echoTime: dataset.number(Tag.EchoTime) ?? echo?.number(Tag.EffectiveEchoTime) ?? null,
    repetitionTime:
      dataset.number(Tag.RepetitionTime) ?? timing?.number(Tag.RepetitionTime) ?? null,
  };
}

/** Either mark is enough: archives rewrite file meta information, and never the manufacturer. */
function isOwnOutput(meta: DataSet, dataset: DataSet): boolean {
  return (
    meta.string(Tag.ImplementationClassUid) === OWN_IMPLEMENTATION_CLASS_UID ||
    dataset.string(Tag.Manufacturer) === OWN_MANUFACTURER
  );
}

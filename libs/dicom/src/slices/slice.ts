import type { InstanceFacts, Plane } from "@axial/contracts";
import {
  anatomicalNormal,
  type Directions,
  directionsOf,
  directionsOfLetters,
  planeOf,
  type Vector,
} from "../geometry.ts";
import { isDerived, isLocalizer } from "../image-type.ts";

/** One frame with what it says for itself; what only its instance says is in `instance`. */
export interface Slice {
  readonly instance: InstanceFacts;
  /** Counted from 0. */
  readonly frame: number;
  readonly imageType: readonly string[];
  readonly localizer: boolean;
  readonly derived: boolean;
  readonly laterality: string | null;
  readonly plane: { readonly name: Plane; readonly obliquityDegrees: number } | null;
  /** How the image lies, if only by PatientOrientation. */
  readonly directions: Directions | null;
  /** See `anatomicalNormal`; null without ImageOrientationPatient. */
  readonly normal: Vector | null;
  /** ImagePositionPatient; null also where the frames of an instance do not each say it. */
  readonly position: readonly number[] | null;
  readonly echoTime: number | null;
  readonly repetitionTime: number | null;
  readonly diffusionBValue: number | null;
  readonly temporalPosition: number | null;
  readonly acquisitionNumber: number | null;
}

/** Every frame of an instance with pixels, as the file has them. */
export function slicesOf(instance: InstanceFacts): Slice[] {
  if (!instance.hasPixelData) return [];
  return Array.from({ length: instance.frames }, (_, frame) => sliceOf(instance, frame));
}

function sliceOf(instance: InstanceFacts, frame: number): Slice {
  const { imageType, orientation, position, ...said } = frameOf(instance, frame);
  const normal = orientation && anatomicalNormal(orientation);
  const letters = instance.patientOrientation ?? [];
  return {
    ...said,
    instance,
    frame,
    imageType,
    localizer: isLocalizer(imageType),
    derived: isDerived(imageType),
    plane: orientation && planeOf(orientation),
    directions: (orientation && directionsOf(orientation)) ?? directionsOfLetters(letters),
    normal,
    position,
  };
}

function frameOf(instance: InstanceFacts, frame: number) {
  const { perFrame = {}, frames } = instance;
  const own = <Fact>(column: readonly Fact[] | undefined, whole: Fact | undefined) =>
    (column === undefined ? whole : column[frame]) ?? null;
  // Several frames that do not say where they lie are not all at the place of the first.
  const placed = frames === 1 || perFrame.position !== undefined;
  return {
    imageType: own(perFrame.imageType, instance.imageType) ?? [],
    laterality: own(perFrame.laterality, instance.laterality),
    orientation: own(perFrame.orientation, instance.orientation),
    position: placed ? own(perFrame.position, instance.position) : null,
    echoTime: own(perFrame.echoTime, instance.echoTime),
    repetitionTime: own(perFrame.repetitionTime, instance.repetitionTime),
    diffusionBValue: own(perFrame.diffusionBValue, instance.diffusionBValue),
    temporalPosition: own(perFrame.temporalPosition, instance.temporalPosition),
    acquisitionNumber: own(perFrame.acquisitionNumber, instance.acquisitionNumber),
  };
}

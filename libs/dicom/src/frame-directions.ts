import type { DataSet } from "./data-set.ts";
import { holderOf } from "./functional-groups.ts";
import { type Directions, directionsOf, directionsOfLetters } from "./geometry.ts";
import { Tag } from "./tags.ts";

/**
 * How frame `frame` (counted from 0) lies in the patient: by ImageOrientationPatient, its own or
 * the shared one, else by PatientOrientation; null when neither says so.
 */
export function frameDirections(dataset: DataSet, frame: number): Directions | null {
  const holder = holderOf(dataset, frame, [Tag.PlaneOrientationSequence, Tag.ImageOrientation]);
  const cosines = holder.numbers(Tag.ImageOrientation);
  const known =
    cosines.length >= 6 && cosines.every(Number.isFinite) ? directionsOf(cosines) : null;
  return known ?? directionsOfLetters(dataset.strings(Tag.PatientOrientation));
}

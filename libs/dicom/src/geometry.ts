import type { Plane } from "@axial/contracts";

export type Vector = readonly [number, number, number];

/** Where the rows and the columns of an image run to: unit vectors, left, posterior, superior. */
export interface Directions {
  /** Of growing column index. */
  readonly row: Vector;
  /** Of growing row index. */
  readonly column: Vector;
}

const DEGREES = 180 / Math.PI;

/** Slice normal: row direction × column direction; null unless both are directions. */
function sliceNormal(orientation: readonly number[]): Vector | null {
  const [rx, ry, rz, cx, cy, cz] = orientation;
  if (rx === undefined || ry === undefined || rz === undefined) return null;
  if (cx === undefined || cy === undefined || cz === undefined) return null;
  const normal: Vector = [ry * cz - rz * cy, rz * cx - rx * cz, rx * cy - ry * cx];
  const length = Math.hypot(...normal);
  if (!(length > 0.5)) return null;
  return [normal[0] / length, normal[1] / length, normal[2] / length];
}

/**
 * Nearest anatomical plane of ImageOrientationPatient and the angle in degrees between its normal
 * and the slice's; null for an invalid orientation.
 */
export function planeOf(
  orientation: readonly number[],
): { name: Plane; obliquityDegrees: number } | null {
  const normal = sliceNormal(orientation);
  if (normal === null) return null;
  const candidates: readonly (readonly [Plane, number])[] = [
    ["sagittal", Math.abs(normal[0])],
    ["coronal", Math.abs(normal[1])],
    ["axial", Math.abs(normal[2])],
  ];
  const [name, cosine] = candidates.reduce((best, next) => (next[1] > best[1] ? next : best));
  return { name, obliquityDegrees: Math.acos(Math.min(1, cosine)) * DEGREES };
}

/** Millimetres of `position` along `normal`. */
export function projection(position: readonly number[], normal: Vector): number {
  return (
    (position[0] ?? 0) * normal[0] + (position[1] ?? 0) * normal[1] + (position[2] ?? 0) * normal[2]
  );
}

/**
 * The slice normal towards the patient's left, back or head, whichever it is nearest to: slices of
 * one anatomy have one order along it, however they were stored.
 */
export function anatomicalNormal(orientation: readonly number[]): Vector | null {
  const normal = sliceNormal(orientation);
  if (normal === null) return null;
  const [x, y, z] = normal.map(Math.abs) as [number, number, number];
  const axis = x >= y && x >= z ? 0 : y >= z ? 1 : 2;
  return normal[axis] < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
}

/** ImageOrientationPatient as directions; null if the values are not a valid orientation. */
export function directionsOf(orientation: readonly number[]): Directions | null {
  const [rx, ry, rz, cx, cy, cz] = orientation;
  if (sliceNormal(orientation) === null) return null;
  if (rx === undefined || ry === undefined || rz === undefined) return null;
  if (cx === undefined || cy === undefined || cz === undefined) return null;
  return { row: [rx, ry, rz], column: [cx, cy, cz] };
}

/** Letters of PatientOrientation (PS3.3 C.7.6.1.1.1), as left, posterior, superior. */
const LETTERS: Readonly<Record<string, Vector>> = {
  L: [1, 0, 0],
  R: [-1, 0, 0],
  P: [0, 1, 0],
  A: [0, -1, 0],
  H: [0, 0, 1],
  F: [0, 0, -1],
};

/**
 * PatientOrientation as directions: in "LPH" left counts most and head least. Null unless it holds
 * two directions of a biped that are not the same.
 */
export function directionsOfLetters(values: readonly string[]): Directions | null {
  const [row, column] = values.map(directionOfLetters);
  if (row == null || column == null || values.length !== 2) return null;
  return sliceNormal([...row, ...column]) === null ? null : { row, column };
}

function directionOfLetters(value: string): Vector | null {
  let sum: Vector = [0, 0, 0];
  let weight = 1;
  for (const letter of value.trim().toUpperCase()) {
    const unit = LETTERS[letter];
    if (unit === undefined) return null;
    sum = [sum[0] + weight * unit[0], sum[1] + weight * unit[1], sum[2] + weight * unit[2]];
    weight /= 3;
  }
  const length = Math.hypot(...sum);
  return length > 0 ? [sum[0] / length, sum[1] / length, sum[2] / length] : null;
}

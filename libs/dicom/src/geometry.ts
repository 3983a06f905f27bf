import type { Plane } from "@axial/contracts";

type Vector = readonly [number, number, number];

const DEGREES = 180 / Math.PI;

/** Slice normal: row direction × column direction; null unless both are directions. */
export function sliceNormal(orientation: readonly number[]): Vector | null {
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
 * and the slice's; null for an orientation that is none.
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

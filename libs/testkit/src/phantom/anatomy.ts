import type { Ellipse } from "./ellipses.ts";

/**
 * An axial T1-weighted head at height `z` (−1 neck side … 1 vertex): scalp, skull, brain,
 * ventricles, and a bright mass when `mass` is set.
 */
export function brain(z: number, mass: boolean): Ellipse[] {
  const size = Math.sqrt(Math.max(0.05, 1 - 0.75 * z * z));
  const at = (x: number, y: number, width: number, height: number, signal: number): Ellipse => ({
    x: x * size,
    y: y * size,
    width: width * size,
    height: height * size,
    signal,
  });
  const ventricles =
    Math.abs(z) < 0.45 ? [at(-0.1, -0.08, 0.06, 0.22, 0.14), at(0.1, -0.08, 0.06, 0.22, 0.14)] : [];
  const lesion =
    mass && Math.abs(z - 0.1) < 0.35
      ? [at(0.3, 0.18, 0.17, 0.15, 0.95), at(0.3, 0.18, 0.07, 0.06, 0.3)]
      : [];
  return [
    at(0, 0, 0.7, 0.85, 0.85),
    at(0, 0, 0.65, 0.8, 0.08),
    at(0, 0, 0.6, 0.75, 0.48),
    at(0, 0, 0.48, 0.62, 0.6),
    at(0, 0, 0.015, 0.75, 0.2),
    ...ventricles,
    ...lesion,
  ];
}

/** A sagittal proton-density knee at lateral position `x` (−1 … 1): femur, tibia, patella, ligament. */
export function knee(x: number): Ellipse[] {
  const bulge = 1 - 0.3 * x * x;
  return [
    { x: 0, y: 0, width: 0.62, height: 1.2, signal: 0.35 },
    { x: 0, y: -0.62, width: 0.26, height: 0.5, signal: 0.8 },
    { x: -0.04, y: -0.22, width: 0.36 * bulge, height: 0.26 * bulge, signal: 0.8 },
    { x: 0, y: 0.62, width: 0.28, height: 0.55, signal: 0.78 },
    { x: 0, y: 0.24, width: 0.38 * bulge, height: 0.17, signal: 0.78 },
    { x: -0.5, y: -0.25, width: 0.1, height: 0.2, signal: 0.75 },
    { x: 0.02, y: 0.03, width: 0.05, height: 0.2, angle: 35, signal: 0.1 },
  ];
}

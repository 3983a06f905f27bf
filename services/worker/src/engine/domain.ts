import { AxialError, type DomainAssessment, type ModelPackage } from "@axial/contracts";
import type { SliceOutputs } from "./slice-work.ts";

/** Four digits: as many as the threshold's quantile is worth. */
const DECIMALS = 1e4;

/**
 * Whether a series resembles the training images: it does unless more than half of its slices are
 * beyond the threshold. Returns null for a model without a domain output. Throws `out-of-domain`
 * where the package refuses such series, `inference-failed` when a distance is not a number.
 */
export function assessDomain(
  { domain }: ModelPackage,
  slices: readonly SliceOutputs[],
): DomainAssessment | null {
  if (domain === undefined) return null;
  const distances = slices.map((slice) => distanceOf(domain.output, slice)).sort((a, b) => a - b);
  const median = distances[(distances.length - 1) >> 1] ?? 0;
  const { threshold, falseAlarmRate } = domain;
  const assessment = {
    inDomain: median <= threshold,
    distance: rounded(median),
    threshold,
    falseAlarmRate,
    slicesBeyond: distances.filter((distance) => distance > threshold).length,
  };
  if (domain.action === "refuse" && !assessment.inDomain)
    throw outOfDomain(assessment, slices.length);
  return assessment;
}

/** A slice's distance as reported in results; absent for a model without a domain output. */
export function sliceDistance(
  { domain }: ModelPackage,
  slice: SliceOutputs,
): { domainDistance?: number } {
  if (domain === undefined) return {};
  return { domainDistance: rounded(distanceOf(domain.output, slice)) };
}

function distanceOf(output: string, slice: SliceOutputs): number {
  const [distance] = slice[output]?.values ?? [];
  if (distance !== undefined && distance >= 0 && Number.isFinite(distance)) return distance;
  throw new AxialError("inference-failed", { detail: `${output} is not a distance` });
}

function outOfDomain({ distance, threshold, slicesBeyond }: DomainAssessment, slices: number) {
  const beyond = `${slicesBeyond} of ${slices} slices are beyond the threshold ${threshold}`;
  return new AxialError("out-of-domain", { detail: `${beyond}; their median is at ${distance}` });
}

function rounded(distance: number): number {
  return Math.round(distance * DECIMALS) / DECIMALS;
}

import type { DomainAssessment } from "./task-result.ts";

/** What every rendering of a result says of images that the model does not know; else null. */
export function domainStatement(assessment: DomainAssessment | undefined): string | null {
  if (assessment === undefined || assessment.inDomain) return null;
  const { distance, threshold } = assessment;
  const unlike = "Out of domain: the images are unlike those that the model was trained on";
  return `${unlike} (distance ${distance.toFixed(2)}, threshold ${threshold.toFixed(2)}).`;
}

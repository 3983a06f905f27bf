import type { DomainAssessment } from "./task-result.ts";

/** The statement that every rendering carries for out-of-domain images; null otherwise. */
export function domainStatement(assessment: DomainAssessment | undefined): string | null {
  if (assessment === undefined || assessment.inDomain) return null;
  const { distance, threshold } = assessment;
  const unlike = "Out of domain: the images are unlike those that the model was trained on";
  return `${unlike} (distance ${distance.toFixed(2)}, threshold ${threshold.toFixed(2)}).`;
}

import type { DomainVerdict } from "./task-result.ts";

/** What every rendering of a result says of images that the model does not know; else null. */
export function domainStatement(verdict: DomainVerdict | undefined): string | null {
  if (verdict === undefined || verdict.inDomain) return null;
  const { distance, threshold } = verdict;
  const unlike = "Out of domain: the images are unlike those that the model was trained on";
  return `${unlike} (distance ${distance.toFixed(2)}, threshold ${threshold.toFixed(2)}).`;
}

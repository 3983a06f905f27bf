import { Type } from "typebox";

/** The data that a model's figures are based on, weakest first. */
export const EVIDENCE_LEVELS = ["synthetic", "research", "validated"] as const;
export type Evidence = (typeof EVIDENCE_LEVELS)[number];
export const EvidenceSchema = Type.Enum([...EVIDENCE_LEVELS]);

/** The sentence that every rendering of a result carries, by evidence. */
export const EVIDENCE_STATEMENT: Readonly<Record<Evidence, string>> = {
  synthetic:
    "Trained on generated phantoms, or imported and never measured: the result has no clinical meaning.",
  research: "For research use only: measured on public data, not validated for clinical use.",
  validated: "Validated for the use that its model card states.",
};

/** True when `evidence` is at least as strong as `floor`. */
export function meetsEvidence(evidence: Evidence, floor: Evidence): boolean {
  return EVIDENCE_LEVELS.indexOf(evidence) >= EVIDENCE_LEVELS.indexOf(floor);
}

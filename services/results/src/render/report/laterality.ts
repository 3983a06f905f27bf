import type { CodedConcept } from "@axial/contracts";

/** SNOMED CT: the side of the body. */
export const LATERALITY: CodedConcept = {
  scheme: "SCT",
  value: "272741003",
  meaning: "Laterality",
};

/** ImageLaterality (PS3.3 C.7.6.1.1.1 and CID 244) in SNOMED CT. */
const SIDES: Readonly<Record<string, CodedConcept>> = {
  L: { scheme: "SCT", value: "7771000", meaning: "Left" },
  R: { scheme: "SCT", value: "24028007", meaning: "Right" },
  B: { scheme: "SCT", value: "51440002", meaning: "Right and left" },
  U: { scheme: "SCT", value: "66459002", meaning: "Unilateral" },
};

/** The side that the images show; null if they do not say, or disagree. */
export function sideOf(laterality: string | null | undefined): CodedConcept | null {
  return SIDES[laterality?.trim().toUpperCase() ?? ""] ?? null;
}

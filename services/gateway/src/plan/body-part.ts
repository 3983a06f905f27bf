import type { Selector } from "@axial/contracts";
import { toWords } from "./series-facts.ts";

/** Regions that descriptions name, so that a knee is not taken for an unnamed head. */
const REGION_WORDS: readonly (readonly string[])[] = [
  ["brain", "head", "cranial", "cranium", "skull", "neuro", "cerebral", "kopf", "schadel", "tete"],
  ["neck", "cervical", "hals", "cspine"],
  ["chest", "thorax", "lung", "lunge"],
  ["heart", "cardiac", "herz"],
  ["abdomen", "liver", "kidney", "pancreas", "leber", "mrcp"],
  ["pelvis", "prostate", "becken", "uterus", "bladder"],
  ["spine", "lumbar", "lspine", "lws", "bws", "thoracic", "sacrum", "vertebra"],
  ["knee", "knie", "genou", "rodilla"],
  ["hip", "hufte"],
  ["shoulder", "schulter", "epaule"],
  ["elbow", "wrist", "hand", "finger", "ellenbogen"],
  ["ankle", "foot", "fuss", "calcaneus"],
  ["breast", "mamma", "mammo"],
];

type BodyPartMatch = "match" | "other" | "unknown";

/** What says which part of the body an image shows. */
interface NamedPart {
  readonly bodyPart: string | null;
  /** Of the series' descriptions, see `toWords`. */
  readonly words: string;
}

/**
 * Compares an image with the body part that a model wants: by BodyPartExamined where it is there,
 * else by the words of the series' descriptions.
 */
export function matchBodyPart(
  { bodyPart, words: text }: NamedPart,
  wanted: Selector["bodyPart"],
): BodyPartMatch {
  const words = wanted.words.map((word) => toWords(word));
  const anyIn = (found: string) => words.some((word) => found.includes(word));
  if (bodyPart !== null) {
    const tag = canonical(bodyPart);
    const named = wanted.anyOf.some((part) => canonical(part) === tag);
    return named || anyIn(toWords(bodyPart)) ? "match" : "other";
  }
  if (anyIn(text)) return "match";
  return namesAnother(text, wanted) ? "other" : "unknown";
}

/** True when the words name a region, and none of the model's own. */
function namesAnother(text: string, wanted: Selector["bodyPart"]): boolean {
  const own = [...wanted.words, ...wanted.anyOf].map((word) => word.toLowerCase());
  return REGION_WORDS.some(
    (region) =>
      region.some((word) => text.includes(` ${word} `)) &&
      !region.some((word) => own.includes(word)),
  );
}

/** "C SPINE", "CSPINE" and "C_Spine" are one. */
function canonical(bodyPart: string): string {
  return bodyPart.toUpperCase().replace(/[^A-Z0-9]/g, "");
}

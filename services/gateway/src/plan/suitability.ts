import type { ModelPackage, PlanRefusalCode, RefusalFacts, Selector } from "@axial/contracts";
import { matchBodyPart } from "./body-part.ts";
import { sequenceHints } from "./sequence-hints.ts";
import type { SeriesFacts } from "./series-facts.ts";

/** Whether a model takes a series; if not, why, and the facts that led to it. */
export type Suitability =
  | { readonly suitable: true }
  | {
      readonly suitable: false;
      readonly code: PlanRefusalCode;
      readonly facts: RefusalFacts;
    };

type Rule = (series: SeriesFacts, selector: Selector) => Suitability;

const SUITABLE: Suitability = { suitable: true };

function refuse(code: PlanRefusalCode, facts: RefusalFacts = {}): Suitability {
  return { suitable: false, code, facts };
}

/**
 * Checks a series against a model's selector. The first rule that refuses decides; the order goes
 * from what can never be classified to what only this model does not take. An image that was
 * posted for a model by name has no tags to check.
 */
export function checkSuitability(
  series: SeriesFacts,
  model: Pick<ModelPackage, "selector">,
): Suitability {
  const rules = series.kind === "image" ? IMAGE_RULES : DICOM_RULES;
  for (const rule of rules) {
    const suitability = rule(series, model.selector);
    if (!suitability.suitable) return suitability;
  }
  return SUITABLE;
}

const ownOutput: Rule = (series) => (series.ownOutput ? refuse("own-output") : SUITABLE);

const image: Rule = (series) => (series.images.length === 0 ? refuse("no-image") : SUITABLE);

const modality: Rule = (series, { modality: wanted }) =>
  series.modality !== null && wanted.includes(series.modality)
    ? SUITABLE
    : refuse("wrong-modality", { modality: series.modality, wanted });

const localizer: Rule = (series) => (series.localizer ? refuse("localizer") : SUITABLE);

/**
 * Derived images show the anatomy as it is (reformatted, converted) or something computed from
 * it. A model says whether it takes the former; maps and projections nobody takes.
 */
const derived: Rule = (series, selector) => {
  if (!series.derived) return SUITABLE;
  const imageType = series.images[0]?.imageType ?? [];
  const computed = imageType.some((value) => COMPUTED_IMAGE_TYPES.has(value));
  const capture = series.images.some(({ sopClassUid }) => SECONDARY_CAPTURES.has(sopClassUid));
  if (selector.derived === "accept" && !computed && !capture) return SUITABLE;
  return refuse("derived-image", { imageType });
};

/** Values of ImageType that name something computed instead of anatomy, as scanners write them. */
const COMPUTED_IMAGE_TYPES: ReadonlySet<string> = new Set([
  ...["ADC", "FA", "TRACEW", "TENSOR", "PERFUSION", "CBF", "CBV", "MTT", "TTP", "RCBV"],
  ...["MIP", "MINIP", "PROJECTION IMAGE", "SUBTRACTION", "T1 MAP", "T2 MAP", "FIELD_MAP"],
]);

/** Secondary Capture and its multi-frame kinds (PS3.4 B.5). */
const SECONDARY_CAPTURES: ReadonlySet<string> = new Set(
  ["", ".1", ".2", ".3", ".4"].map((kind) => `1.2.840.10008.5.1.4.1.1.7${kind}`),
);

const burnedIn: Rule = (series) =>
  series.burnedInAnnotation ? refuse("burned-in-annotation") : SUITABLE;

const bodyPart: Rule = (series, selector) => {
  const wanted = selector.bodyPart;
  if (wanted.anyOf.length === 0 && wanted.words.length === 0) return SUITABLE;
  const match = matchBodyPart(series, wanted);
  const facts = { bodyPart: series.bodyPart, wanted: wanted.anyOf };
  if (match === "other") return refuse("wrong-body-part", facts);
  const unknown = match === "unknown" && wanted.whenMissing === "refuse";
  return unknown ? refuse("unknown-body-part", facts) : SUITABLE;
};

const plane: Rule = (series, selector) => {
  const { anyOf: wanted, maxObliquityDegrees, whenMissing } = selector.plane;
  if (wanted.length === 0) return SUITABLE;
  if (series.plane === null) {
    return whenMissing === "refuse" ? refuse("unknown-plane", { wanted }) : SUITABLE;
  }
  const { name, obliquityDegrees } = series.plane;
  if (!wanted.includes(name)) return refuse("wrong-plane", { plane: name, wanted });
  if (obliquityDegrees <= maxObliquityDegrees) return SUITABLE;
  return refuse("oblique-plane", { plane: name, obliquityDegrees, maxObliquityDegrees });
};

const sequence: Rule = (series, selector) => {
  const { anyOf: wanted, whenMissing } = selector.sequence;
  if (wanted.length === 0) return SUITABLE;
  const hints = sequenceHints(series);
  if (hints.length === 0) {
    return whenMissing === "refuse" ? refuse("unknown-sequence", { wanted }) : SUITABLE;
  }
  const upper = wanted.map((hint) => hint.toUpperCase());
  if (hints.some((hint) => upper.includes(hint))) return SUITABLE;
  return refuse("wrong-sequence", { sequence: hints, wanted });
};

const slices: Rule = (series, { minimumSlices }) =>
  series.frames < minimumSlices
    ? refuse("too-few-slices", { slices: series.frames, minimumSlices })
    : SUITABLE;

const IMAGE_RULES: readonly Rule[] = [ownOutput, image];
const DICOM_RULES: readonly Rule[] = [
  ownOutput,
  image,
  modality,
  localizer,
  derived,
  burnedIn,
  bodyPart,
  plane,
  sequence,
  slices,
];

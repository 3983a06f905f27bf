import type { ModelPackage, PlanRefusalCode, RefusalFacts } from "@axial/contracts";
import type { Slice } from "@axial/dicom";
import { matchBodyPart } from "./body-part.ts";
import { sequenceHints } from "./sequence-hints.ts";

/** Why a model does not take something, and the facts that led to it. */
export interface Misfit {
  readonly code: PlanRefusalCode;
  readonly facts: RefusalFacts;
}

/** What of a model package decides which slices it takes. */
type SliceTaker = Pick<ModelPackage, "selector" | "preprocessing">;

interface Request {
  readonly slice: Slice;
  readonly words: string;
  readonly model: SliceTaker;
}

type Rule = (request: Request) => Misfit | null;

function misfit(code: PlanRefusalCode, facts: RefusalFacts = {}): Misfit {
  return { code, facts };
}

/**
 * Checks slices of one series for a model, each for itself; null for a slice that the model takes.
 * The first rule that a slice breaks decides; the order goes from what can never be classified to
 * what only this model does not take. Slices that differ in nothing that a rule reads share the
 * answer, so that a thousand alike cost one.
 */
export function sliceChecker(words: string, model: SliceTaker): (slice: Slice) => Misfit | null {
  const checked = new Map<string, Misfit | null>();
  return (slice) => {
    const key = keyOf(slice);
    const known = checked.get(key);
    if (known !== undefined) return known;
    const misfitting = firstMisfit({ slice, words, model });
    checked.set(key, misfitting);
    return misfitting;
  };
}

function firstMisfit(request: Request): Misfit | null {
  for (const rule of RULES) {
    const misfitting = rule(request);
    if (misfitting !== null) return misfitting;
  }
  return null;
}

/** Everything that the rules read of a slice. */
function keyOf({ instance, ...slice }: Slice): string {
  return [
    instance.modality,
    instance.bodyPart,
    instance.burnedInAnnotation,
    instance.sopClassUid,
    slice.imageType.join("\\"),
    slice.plane?.name,
    slice.plane?.obliquityDegrees,
    slice.directions === null,
    slice.echoTime,
    slice.repetitionTime,
  ].join("|");
}

const modality: Rule = ({ slice: { instance }, model }) => {
  const wanted = model.selector.modality;
  return instance.modality !== null && wanted.includes(instance.modality)
    ? null
    : misfit("wrong-modality", { modality: instance.modality, wanted });
};

const localizer: Rule = ({ slice }) => (slice.localizer ? misfit("localizer") : null);

/**
 * Derived images show the anatomy as it is (reformatted, converted) or something computed from it.
 * A model declares whether it takes the former; no model takes maps and projections.
 */
const derived: Rule = ({ slice, model }) => {
  if (!slice.derived) return null;
  const imageType = [...slice.imageType];
  const computed = imageType.some((value) => COMPUTED_IMAGE_TYPES.has(value));
  const capture = SECONDARY_CAPTURES.has(slice.instance.sopClassUid);
  if (model.selector.derived === "accept" && !computed && !capture) return null;
  return misfit("derived-image", { imageType });
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

const imageType: Rule = ({ slice, model }) => {
  const { anyOf, noneOf } = model.selector.imageType ?? { anyOf: [], noneOf: [] };
  const named = (value: string) => slice.imageType.includes(value.toUpperCase());
  const fits = (anyOf.length === 0 || anyOf.some(named)) && !noneOf.some(named);
  return fits
    ? null
    : misfit("wrong-image-type", { imageType: [...slice.imageType], anyOf, noneOf });
};

const burnedIn: Rule = ({ slice: { instance } }) =>
  instance.burnedInAnnotation === true ? misfit("burned-in-annotation") : null;

const bodyPart: Rule = ({ slice, words, model }) => {
  const wanted = model.selector.bodyPart;
  if (wanted.anyOf.length === 0 && wanted.words.length === 0) return null;
  const { bodyPart } = slice.instance;
  const match = matchBodyPart({ bodyPart, words }, wanted);
  const facts = { bodyPart, wanted: wanted.anyOf };
  if (match === "other") return misfit("wrong-body-part", facts);
  const unknown = match === "unknown" && wanted.whenMissing === "refuse";
  return unknown ? misfit("unknown-body-part", facts) : null;
};

const plane: Rule = ({ slice, model }) => {
  const { anyOf: wanted, maxObliquityDegrees, whenMissing } = model.selector.plane;
  if (wanted.length === 0) return null;
  if (slice.plane === null) {
    return whenMissing === "refuse" ? misfit("unknown-plane", { wanted }) : null;
  }
  const { name, obliquityDegrees } = slice.plane;
  if (!wanted.includes(name)) return misfit("wrong-plane", { plane: name, wanted });
  if (obliquityDegrees <= maxObliquityDegrees) return null;
  return misfit("oblique-plane", { plane: name, obliquityDegrees, maxObliquityDegrees });
};

const orientation: Rule = ({ slice, model }) =>
  slice.directions === null && model.preprocessing.withoutGeometry === "refuse"
    ? misfit("unknown-orientation")
    : null;

const sequence: Rule = ({ slice, words, model }) => {
  const { anyOf: wanted, whenMissing } = model.selector.sequence;
  if (wanted.length === 0) return null;
  const { echoTime, repetitionTime } = slice;
  const hints = sequenceHints({ words, echoTime, repetitionTime });
  if (hints.length === 0) {
    return whenMissing === "refuse" ? misfit("unknown-sequence", { wanted }) : null;
  }
  const upper = wanted.map((hint) => hint.toUpperCase());
  if (hints.some((hint) => upper.includes(hint))) return null;
  return misfit("wrong-sequence", { sequence: hints, wanted });
};

const RULES: readonly Rule[] = [
  modality,
  localizer,
  derived,
  imageType,
  burnedIn,
  bodyPart,
  plane,
  orientation,
  sequence,
];

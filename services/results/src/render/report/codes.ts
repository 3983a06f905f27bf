import {
  type CodedConcept,
  type Distribution,
  INDETERMINATE,
  INDETERMINATE_DISPLAY,
  type Label,
  type ModelPackage,
} from "@axial/contracts";

/** Coding scheme of what no public vocabulary names: a model's own heads and labels. */
export const OWN_SCHEME = "99AXIAL";

/** SNOMED CT: indeterminate. */
const CANNOT_BE_TOLD: CodedConcept = {
  scheme: "SCT",
  value: "82334004",
  meaning: INDETERMINATE_DISPLAY,
};

/**
 * The code of a label from its model package, else one of our own: also where several
 * labels of the same head share a code (glioma seen in three planes), which is then broader than
 * what the label says.
 */
export function codeOf(
  label: string,
  distribution: Distribution,
  model: ModelPackage | undefined,
): CodedConcept {
  if (label === INDETERMINATE) return CANNOT_BE_TOLD;
  const labels = labelsOf(distribution.name, model);
  const found = labels.find(({ id }) => id === label);
  const alike = labels.filter(({ code }) => code !== undefined && isSame(code, found?.code));
  if (found?.code !== undefined && alike.length === 1) return found.code;
  const display = label === distribution.label ? distribution.display : label;
  return { scheme: OWN_SCHEME, value: label, meaning: found?.display ?? display };
}

/** What a head or marginal asks, as a concept. */
export function conceptOf({ name }: Distribution): CodedConcept {
  const words = name.replaceAll(/[-_]/g, " ");
  return {
    scheme: OWN_SCHEME,
    value: name,
    meaning: words.charAt(0).toUpperCase() + words.slice(1),
  };
}

/** The probability of a label as a concept of its own: it is a number, not the finding itself. */
export function probabilityConcept(
  concept: CodedConcept,
  { label, code }: { readonly label: string; readonly code: CodedConcept },
): CodedConcept {
  return {
    scheme: OWN_SCHEME,
    value: `${concept.value}.${label}`,
    meaning: `Probability of ${code.meaning}`,
  };
}

function isSame(a: CodedConcept, b: CodedConcept | undefined): boolean {
  return a.scheme === b?.scheme && a.value === b.value;
}

function labelsOf(name: string, model: ModelPackage | undefined): readonly Label[] {
  for (const head of model?.heads ?? []) {
    if (head.name === name) return head.labels;
    const marginal = head.marginals?.find((one) => one.name === name);
    if (marginal !== undefined) return marginal.labels;
  }
  return [];
}

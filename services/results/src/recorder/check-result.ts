import {
  AxialError,
  type Distribution,
  type Head,
  INDETERMINATE,
  INDETERMINATE_DISPLAY,
  inputHashOf,
  isErrorCode,
  type ModelPackage,
  PLAN_REFUSALS,
  type TaskId,
  type TaskInput,
  type TaskResult,
} from "@axial/contracts";
import { preprocessingHash } from "@axial/inference/packages";

/** What the recorder knows by itself of the task that a result claims to answer. */
export interface KnownTask {
  readonly id: TaskId;
  readonly input: TaskInput;
  /** The installed package of the task's model and version. */
  readonly pkg: ModelPackage;
}

/**
 * Compares every field of a result that is rendered or reported with the installed package and the
 * task's input: a worker says how probable labels are, and nothing else is its to say. Throws
 * `result-mismatch` that names the field.
 */
export function checkResult(result: TaskResult, task: KnownTask): void {
  checkModel(result, task);
  checkInput(result, task.input);
  checkSlices(result, task);
  checkDistributions(result.distributions, task.pkg);
  checkDomain(result, task.pkg);
  checkCertainty(result, task.pkg);
}

function demand(fits: boolean, field: string): void {
  if (!fits) throw new AxialError("result-mismatch", { detail: field });
}

function checkModel({ task, model, ...result }: TaskResult, { id, input, pkg }: KnownTask): void {
  demand(task === id && input.task === id, "task");
  demand(model.id === pkg.id && input.model.id === pkg.id, "model.id");
  demand(model.version === pkg.version && input.model.version === pkg.version, "model.version");
  const { sha256 } = pkg.weights;
  demand(model.sha256 === sha256 && input.model.sha256 === sha256, "model.sha256");
  demand(model.evidence === pkg.evidence, "model.evidence");
  demand(result.preprocessingHash === preprocessingHash(pkg), "preprocessingHash");
  const labels = Object.fromEntries(pkg.heads.map((head) => [head.name, idsOf(head)]));
  demand(result.labels === undefined || isSame(result.labels, labels), "labels");
}

function idsOf({ labels }: Pick<Head, "labels">): string[] {
  return labels.map(({ id }) => id);
}

/** What the planner said of the series is repeated as it was. */
function checkInput(result: TaskResult, input: TaskInput): void {
  demand(result.inputHash === inputHashOf(input), "inputHash");
  demand(isSame(result.stack, input.stack), "stack");
  demand(isSame(result.excluded, input.excluded), "excluded");
  demand(isSame(result.laterality, input.laterality), "laterality");
}

/** Each slice of the input at most once, in its order, as used or as skipped. */
function checkSlices({ slices, skipped, batchSizes }: TaskResult, { input, pkg }: KnownTask): void {
  demand(isSubsequence(slices, input.slices), "slices");
  demand(isSubsequence(skipped, input.slices), "skipped");
  const known = ({ code }: { code: string }) =>
    isErrorCode(code) || Object.hasOwn(PLAN_REFUSALS, code);
  demand(skipped.every(known), "skipped.code");
  const used = new Set(slices.map(nameOf));
  demand(!skipped.some((slice) => used.has(nameOf(slice))), "skipped");
  demand(batchSizes.length <= input.slices.length, "batchSizes");
  const [first] = slices;
  for (const slice of slices) {
    demand(slice.heatmap === first?.heatmap, "slices.heatmap");
    demand(slice.heatmap === undefined || pkg.explanation !== undefined, "slices.heatmap");
    demand(slice.domainDistance === undefined || pkg.domain !== undefined, "slices.domainDistance");
    const lengths = Object.entries(slice.probabilities).map(([name, row]) => [name, row.length]);
    const heads = pkg.heads.map(({ name, labels }) => [name, labels.length]);
    demand(isSame(Object.fromEntries(lengths), Object.fromEntries(heads)), "slices.probabilities");
  }
}

interface NamedSlice {
  readonly sopInstanceUid: string;
  readonly frame: number;
}

function nameOf({ sopInstanceUid, frame }: NamedSlice): string {
  return `${sopInstanceUid} ${frame}`;
}

function isSubsequence(some: readonly NamedSlice[], all: readonly NamedSlice[]): boolean {
  let at = 0;
  for (const slice of some) {
    const name = nameOf(slice);
    while (at < all.length && nameOf(all[at] ?? slice) !== name) at += 1;
    if (at === all.length) return false;
    at += 1;
  }
  return true;
}

/** Each head, followed by its marginals, with its labels from the package. */
function checkDistributions(distributions: readonly Distribution[], pkg: ModelPackage): void {
  const wanted = pkg.heads.flatMap((head) => [
    { name: head.name, kind: "head", labels: head.labels },
    ...(head.marginals ?? []).map(({ name, labels }) => ({ name, kind: "marginal", labels })),
  ]);
  demand(distributions.length === wanted.length, "distributions");
  distributions.forEach((distribution, index) => {
    const { name, kind, labels } = wanted[index] ?? { name: "", kind: "", labels: [] };
    demand(distribution.name === name && distribution.kind === kind, "distributions.name");
    checkLabel(distribution, labels, pkg);
  });
}

function checkLabel(
  { label, display, probability, probabilities }: Distribution,
  labels: readonly { readonly id: string; readonly display: string }[],
  { abstention }: ModelPackage,
): void {
  const ids = labels.map(({ id }) => id);
  demand(isSame(Object.keys(probabilities).toSorted(), ids.toSorted()), "distributions.labels");
  const most = Math.max(...Object.values(probabilities));
  demand(probability === most, "distributions.probability");
  if (label === INDETERMINATE) {
    demand(abstention !== undefined && display === INDETERMINATE_DISPLAY, "distributions.label");
    return;
  }
  demand(probabilities[label] === most, "distributions.label");
  const named = labels.find(({ id }) => id === label);
  demand(named?.display === display, "distributions.display");
}

function checkDomain({ domain }: TaskResult, pkg: ModelPackage): void {
  demand((domain === undefined) === (pkg.domain === undefined), "domain");
  if (domain === undefined || pkg.domain === undefined) return;
  demand(domain.threshold === pkg.domain.threshold, "domain.threshold");
  demand(domain.falseAlarmRate === pkg.domain.falseAlarmRate, "domain.falseAlarmRate");
  // The engine compares before it rounds to four digits.
  const clear = Math.abs(domain.distance - domain.threshold) > 1e-4;
  demand(!clear || domain.inDomain === domain.distance <= domain.threshold, "domain.inDomain");
}

function checkCertainty({ certainty = [], distributions }: TaskResult, pkg: ModelPackage): void {
  const rules = (pkg.abstention ?? []).map((rule) => rule.distribution);
  demand(
    isSame(certainty.map(({ distribution }) => distribution).toSorted(), rules.toSorted()),
    "certainty",
  );
  for (const { distribution, leading } of certainty) {
    const about = distributions.find(({ name }) => name === distribution);
    demand(Object.hasOwn(about?.probabilities ?? {}, leading), "certainty.leading");
  }
}

/** Of JSON values, the order of their fields aside. */
function isSame(a: unknown, b: unknown): boolean {
  return canonical(a) === canonical(b);
}

function canonical(value: unknown): string {
  return JSON.stringify(value ?? null, (_key, part: unknown) =>
    part !== null && typeof part === "object" && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}

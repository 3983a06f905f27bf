import type {
  ExclusionReason,
  ModelPackage,
  PlanRefusalCode,
  RefusalFacts,
  Selection,
} from "@axial/contracts";
import { medianSpacing, type Slice } from "@axial/dicom";
import { chooseSlices } from "@axial/imaging";
import {
  areSides,
  chooseStack,
  type Stack,
  stackOfOne,
  stacksWithPlaces,
  withoutCopies,
} from "./choose-stack.ts";
import { describeStack } from "./describe-stack.ts";
import type { SeriesFacts } from "./series-facts.ts";
import { type Misfit, sliceChecker } from "./suitability.ts";

/** What a model is shown of a series, or why it is shown nothing. */
export type InputDecision =
  | {
      readonly status: "taken";
      /** What the model sees, in slice order. */
      readonly slices: readonly Slice[];
      readonly selection: Selection;
      readonly considered: Considered;
    }
  | {
      readonly status: "refused";
      readonly code: PlanRefusalCode;
      readonly facts: RefusalFacts;
      readonly considered: Considered;
    };

/** What was looked at on the way, to explain the decision. */
interface Considered {
  /** Slices that the model takes, by stack. */
  readonly stacks: readonly Stack[];
  /** Those of them that the package's choices leave. */
  readonly left: readonly Stack[];
  /** The one that this decision is about. */
  readonly chosen: Stack | null;
  /** Slices that belong to no stack, because the model does not take them or they are copies. */
  readonly misfits: ReadonlyMap<ExclusionReason, number>;
  /** All that is left out of the series for this decision. */
  readonly excluded: ReadonlyMap<ExclusionReason, number>;
}

/** What of a model package decides what it is shown. */
export type InputTaker = Pick<
  ModelPackage,
  "selector" | "preprocessing" | "slices" | "stack" | "aggregation" | "answerFor"
>;

/** Answers of one model for one series: a series of radiographs holds a handful of films. */
const MAX_ANSWERS = 64;

/**
 * Decides slice by slice what a model sees of a series: what does not fit is left out and counted,
 * one stack is chosen, each place counts once, and of the places the slice rule takes its share.
 * There is one decision, unless the model answers for each image, or nothing but the side tells the
 * stacks apart: then one for each of them. An image that was posted for a model by name has no tags
 * to judge by.
 */
export function decideInputs(series: SeriesFacts, model: InputTaker): readonly InputDecision[] {
  const nothing = nothingChosen(new Map());
  const refuse = (code: PlanRefusalCode) =>
    [{ status: "refused", code, facts: {}, considered: nothing }] as const;
  if (series.ownOutput) return refuse("own-output");
  if (series.slices.length === 0) return refuse("no-image");
  const check = series.kind === "image" ? () => null : sliceChecker(series.words, model);
  return fromFitting(series, model, sortOut(series.slices, check));
}

interface Sorted {
  readonly fitting: readonly Slice[];
  readonly excluded: Map<ExclusionReason, number>;
  /** The first of each code. */
  readonly misfits: ReadonlyMap<PlanRefusalCode, Misfit>;
}

function sortOut(slices: readonly Slice[], check: (slice: Slice) => Misfit | null): Sorted {
  const excluded = new Map<ExclusionReason, number>();
  const misfits = new Map<PlanRefusalCode, Misfit>();
  const fitting = slices.filter((slice) => {
    const misfit = check(slice);
    if (misfit === null) return true;
    count(excluded, misfit.code);
    if (!misfits.has(misfit.code)) misfits.set(misfit.code, misfit);
    return false;
  });
  return { fitting, excluded, misfits };
}

/** Before there is a stack. */
function nothingChosen(misfits: ReadonlyMap<ExclusionReason, number>): Considered {
  return { stacks: [], left: [], chosen: null, misfits, excluded: misfits };
}

function count(counts: Map<ExclusionReason, number>, reason: ExclusionReason, more = 1): void {
  counts.set(reason, (counts.get(reason) ?? 0) + more);
}

function fromFitting(
  series: SeriesFacts,
  model: InputTaker,
  sorted: Sorted,
): readonly InputDecision[] {
  const { fitting, excluded } = sorted;
  if (fitting.length === 0) return [refuseMisfits(sorted)];
  const few = series.kind === "image" ? null : tooSmallShare(sorted, model);
  if (few !== null) return [few];
  const { stacks, answered } = answeredStacks(fitting, model, excluded);
  const misfits = new Map(excluded);
  if (answered.length > MAX_ANSWERS || (answered.length > 1 && !eachAnswers(answered, model))) {
    const listed = answered.slice(0, MAX_ANSWERS).map(describeStack);
    const facts = { stacks: listed, ...excludedFacts(excluded) };
    const considered = { stacks, left: answered, chosen: null, misfits, excluded };
    return [{ status: "refused", code: "ambiguous-stack", facts, considered }];
  }
  const used = answered.reduce((sum, { slices }) => sum + slices.length, 0);
  const others = stacks.reduce((sum, { slices }) => sum + slices.length, 0) - used;
  if (others > 0) count(excluded, "other-stack", others);
  return answered.map((chosen) => {
    const left = new Map(excluded);
    for (const reason of chosen.places.excluded.values()) count(left, reason);
    const considered = { stacks, left: answered, chosen, misfits, excluded: left };
    return fromStack(series, model, considered);
  });
}

/** Slices of these beside others are of another kind, not of another place. */
const OTHER_KINDS: readonly ExclusionReason[] = [
  "wrong-image-type",
  "derived-image",
  "wrong-sequence",
];

/** Most of a series does not fit: what is left of it does not stand for it. Null if enough is. */
function tooSmallShare({ fitting, excluded }: Sorted, model: InputTaker): InputDecision | null {
  const { minimumShare = 0 } = model.selector;
  const others = [...excluded].filter(([reason]) => !OTHER_KINDS.includes(reason));
  const all = others.reduce((sum, [, slices]) => sum + slices, fitting.length);
  if (fitting.length >= minimumShare * all) return null;
  return {
    status: "refused",
    code: "too-few-slices",
    facts: { slices: fitting.length, of: all, minimumShare, ...excludedFacts(excluded) },
    considered: nothingChosen(excluded),
  };
}

/** The stacks of a series, and those of them that an answer is given for. */
function answeredStacks(
  fitting: readonly Slice[],
  model: InputTaker,
  excluded: Map<ExclusionReason, number>,
): { readonly stacks: readonly Stack[]; readonly answered: readonly Stack[] } {
  if (model.answerFor === "image") {
    const { slices, copies } = withoutCopies(fitting);
    if (copies > 0) count(excluded, "duplicate-place", copies);
    const stacks = slices.map(stackOfOne);
    return { stacks, answered: stacks };
  }
  const stacks = stacksWithPlaces(fitting);
  return { stacks, answered: chooseStack(stacks, model.stack) };
}

/** Each image has an answer of its own, or each side of the body. */
function eachAnswers(stacks: readonly Stack[], { answerFor }: InputTaker): boolean {
  return answerFor === "image" || areSides(stacks);
}

/** Nothing fits: the reason that holds for most of the slices refuses the series. */
function refuseMisfits({ excluded, misfits }: Sorted): InputDecision {
  const [most] = [...misfits.values()].toSorted(
    (a, b) => (excluded.get(b.code) ?? 0) - (excluded.get(a.code) ?? 0),
  );
  const considered = nothingChosen(excluded);
  if (most === undefined) return { status: "refused", code: "no-image", facts: {}, considered };
  const facts = { ...most.facts, ...(misfits.size > 1 ? excludedFacts(excluded) : {}) };
  return { status: "refused", code: most.code, facts, considered };
}

function fromStack(
  series: SeriesFacts,
  model: InputTaker,
  considered: Considered & { readonly chosen: Stack },
): InputDecision {
  const { places } = considered.chosen;
  const refuse = (code: PlanRefusalCode, facts: RefusalFacts): InputDecision => ({
    status: "refused",
    code,
    facts: { ...facts, ...excludedFacts(considered.excluded) },
    considered,
  });
  const { minimumSlices } = model.selector;
  const wanted = series.kind === "image" ? 1 : minimumSlices;
  if (places.slices.length < wanted) {
    return refuse("too-few-slices", { slices: places.slices.length, minimumSlices });
  }
  const plane = places.order === "position" ? (places.slices[0]?.plane?.name ?? null) : null;
  const slices = chooseSlices({ ...places, plane }, model.slices);
  const all = places.slices.length;
  if (places.order === "none" && needsOrder(model, { all, chosen: slices?.length ?? 0 })) {
    return refuse("undefined-slice-order", { slices: all });
  }
  if (slices === null) return refuse("unknown-spacing", { slices: all });
  return { status: "taken", slices, selection: selectionOf(considered), considered };
}

/** Which slices are seen, or what the graph makes of them, depends on their order. */
function needsOrder(
  { aggregation }: InputTaker,
  { all, chosen }: { readonly all: number; readonly chosen: number },
): boolean {
  return chosen < all || (chosen > 1 && aggregation.kind === "in-graph");
}

function selectionOf({
  chosen: { places },
  excluded,
}: Considered & { readonly chosen: Stack }): Selection {
  const spacing = medianSpacing(places.offsets);
  const sides = new Set(places.slices.map(({ laterality }) => laterality));
  const [laterality = null] = sides.size === 1 ? sides : [];
  return {
    stack: {
      places: places.slices.length,
      order: places.order,
      plane: places.slices[0]?.plane?.name ?? null,
      spacing: spacing === null ? null : Math.round(spacing * 1_000) / 1_000,
    },
    excluded: Object.fromEntries(excluded),
    laterality,
  };
}

function excludedFacts(excluded: ReadonlyMap<ExclusionReason, number>): RefusalFacts {
  if (excluded.size === 0) return {};
  return { excluded: [...excluded].map(([reason, slices]) => `${reason}: ${slices}`) };
}

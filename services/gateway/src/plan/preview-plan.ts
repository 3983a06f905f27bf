import type {
  ExclusionReason,
  InstanceFacts,
  ModelPackage,
  PlanRefusalCode,
  RefusalFacts,
  Selection,
} from "@axial/contracts";
import type { Slice } from "@axial/dicom";
import { turnFor } from "@axial/imaging";
import type { Stack } from "./choose-stack.ts";
import { decideInputs, type InputDecision, type InputTaker } from "./decide-input.ts";
import { describeSliceRule } from "./describe-slice-rule.ts";
import { describeStack } from "./describe-stack.ts";
import { type SeriesFacts, seriesFacts } from "./series-facts.ts";

/** A stack that a series holds, as far as its slices fit the model, and what becomes of it. */
interface PreviewedStack {
  readonly description: string;
  readonly outcome: "task" | "other-stack" | PlanRefusalCode;
  /** Slices, those at one place included. */
  readonly slices: number;
  readonly places: number;
  readonly order: Selection["stack"]["order"];
  /** Places that the model would see. */
  readonly used: number;
  /** Reason → slices of this stack that are at none of its places. */
  readonly excluded: Readonly<Record<string, number>>;
  /** Places that the package's slice rule leaves out, and the rule in words. */
  readonly unselected: number;
  readonly rule: string;
}

/** What the planner would do with one series and one model. */
export interface PlanPreview {
  readonly seriesUid: string;
  readonly model: string;
  readonly version: string;
  readonly decision: "task" | PlanRefusalCode;
  /** Answers that there would be: one for each film or side where the model answers so. */
  readonly answers: number;
  readonly facts: RefusalFacts;
  /** Image slices and frames of the series. */
  readonly of: number;
  readonly stacks: readonly PreviewedStack[];
  /** Reason → slices that belong to no stack. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly laterality: string | null;
  /** Of the slices that the model would see: those that are turned for it. */
  readonly turned: number;
  /** SOP Instance UID and frame of each slice that the model would see. */
  readonly slices: readonly { readonly sopInstanceUid: string; readonly frame: number }[];
}

/** What of a model package an preview reads. */
type PreviewedModel = InputTaker & Pick<ModelPackage, "id" | "version">;

/** The planner's decisions over instances that were not sent: same rules, nothing stored. */
export function previewPlan(
  instances: readonly InstanceFacts[],
  models: readonly PreviewedModel[],
): PlanPreview[] {
  const series = Map.groupBy(instances, (facts) => facts.seriesUid);
  return [...series].flatMap(([seriesUid, members]) => {
    const facts = seriesFacts(members);
    return models.map((model) => ({
      seriesUid,
      ...{ model: model.id, version: model.version },
      ...previewOf(facts, model),
    }));
  });
}

function previewOf(
  series: SeriesFacts,
  model: InputTaker,
): Omit<PlanPreview, "seriesUid" | "model" | "version"> {
  const decisions = decideInputs(series, model);
  const [first] = decisions;
  if (first === undefined) throw new RangeError("at least one decision");
  const common = {
    of: series.slices.length,
    stacks: first.considered.stacks.map((stack) => explainedStack(stack, decisions, model)),
    excluded: Object.fromEntries(first.considered.misfits),
  };
  const taken = decisions.filter((decision) => decision.status === "taken");
  if (taken.length === 0 && first.status === "refused") {
    const { code, facts } = first;
    return { ...common, decision: code, answers: 0, facts, ...NOTHING_SEEN };
  }
  const slices = taken.flatMap((decision) => decision.slices);
  const sides = new Set(taken.map(({ selection }) => selection.laterality));
  const { orientation } = model.preprocessing;
  const turned = slices.filter(
    ({ directions }) => turnFor(directions, orientation) !== null,
  ).length;
  return {
    ...common,
    ...{ decision: "task", answers: taken.length, facts: taken[0]?.selection.stack ?? {} },
    laterality: [...sides].filter((side) => side !== null).join(", ") || null,
    ...{ turned, slices: slices.map(named) },
  };
}

const NOTHING_SEEN = { laterality: null, turned: 0, slices: [] } as const;

function explainedStack(
  stack: Stack,
  decisions: readonly InputDecision[],
  model: InputTaker,
): PreviewedStack {
  const { places } = stack;
  const decision = decisions.find(({ considered }) =>
    considered.chosen === null ? considered.left.includes(stack) : considered.chosen === stack,
  );
  const used = decision?.status === "taken" ? decision.slices.length : 0;
  const plane = places.order === "position" ? (places.slices[0]?.plane?.name ?? null) : null;
  return {
    description: describeStack(stack),
    outcome: outcomeOf(decision),
    ...{ slices: stack.slices.length, places: places.slices.length, order: places.order, used },
    excluded: counted(places.excluded.values()),
    unselected: decision?.status === "taken" ? places.slices.length - used : 0,
    rule: describeSliceRule(model.slices, plane),
  };
}

function outcomeOf(decision: InputDecision | undefined): PreviewedStack["outcome"] {
  if (decision === undefined) return "other-stack";
  return decision.status === "taken" ? "task" : decision.code;
}

function counted(reasons: Iterable<ExclusionReason>): Readonly<Record<string, number>> {
  const groups = Map.groupBy(reasons, (reason) => reason);
  return Object.fromEntries([...groups].map(([reason, all]) => [reason, all.length]));
}

function named({ instance, frame }: Slice) {
  return { sopInstanceUid: instance.sopInstanceUid, frame };
}

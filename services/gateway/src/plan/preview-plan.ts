import type {
  InstanceFacts,
  ModelPackage,
  PlanRefusalCode,
  RefusalFacts,
  Selection,
} from "@axial/contracts";
import type { Slice } from "@axial/dicom";
import { turnFor } from "@axial/imaging";
import { decideInputs } from "./decide-input.ts";
import { describeStack } from "./describe-stack.ts";
import { type SeriesFacts, seriesFacts } from "./series-facts.ts";

/** A stack that a series holds, as far as its slices fit the model. */
interface PreviewedStack {
  readonly description: string;
  readonly slices: number;
  readonly places: number;
  readonly order: Selection["stack"]["order"];
  readonly chosen: boolean;
}

/** What the planner would do with one series and one model. */
export interface PlanPreview {
  readonly seriesUid: string;
  readonly model: string;
  readonly version: string;
  readonly decision: "task" | PlanRefusalCode;
  /** Answers that it would give: one for each film or side where the model answers so. */
  readonly answers: number;
  readonly facts: RefusalFacts;
  /** Image slices and frames of the series. */
  readonly of: number;
  readonly stacks: readonly PreviewedStack[];
  /** Reason → slices that are left out. */
  readonly excluded: Readonly<Record<string, number>>;
  readonly laterality: string | null;
  /** Of the slices that the model would see: those that are turned for it. */
  readonly turned: number;
  /** SOP Instance UID and frame of each slice that the model would see. */
  readonly slices: readonly { readonly sopInstanceUid: string; readonly frame: number }[];
}

/** The planner's decisions over instances that were not sent: same rules, nothing stored. */
export function previewPlan(
  instances: readonly InstanceFacts[],
  models: readonly ModelPackage[],
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
  model: ModelPackage,
): Omit<PlanPreview, "seriesUid" | "model" | "version"> {
  const decisions = decideInputs(series, model);
  const [first] = decisions;
  if (first === undefined) throw new RangeError("at least one decision");
  const chosen = new Set(decisions.map(({ considered }) => considered.chosen));
  const common = {
    of: series.slices.length,
    stacks: first.considered.stacks.map((stack) => ({
      description: describeStack(stack),
      slices: stack.slices.length,
      places: stack.places.slices.length,
      order: stack.places.order,
      chosen: chosen.has(stack),
    })),
    excluded: Object.fromEntries(first.considered.excluded),
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

function named({ instance, frame }: Slice) {
  return { sopInstanceUid: instance.sopInstanceUid, frame };
}

import {
  type InstanceFacts,
  type ModelPackage,
  newId,
  type PlanRefusalCode,
  type SeriesId,
  type SliceRef,
  type TaskArm,
  type TaskId,
  type TaskInput,
} from "@axial/contracts";
import type {
  PlannableImages,
  PlannableInstance,
  PlannableStudy,
  PlannedRefusal,
} from "@axial/store/planning";
import { candidateModels, type ModelPolicy } from "./candidate-models.ts";
import { decideInputs, type InputDecision } from "./decide-input.ts";
import { seriesFacts } from "./series-facts.ts";
import type { Offer, OfferedModel } from "./versions-in-use.ts";

/** A task to be created, with its input. */
interface DecidedTask {
  readonly id: TaskId;
  readonly series: SeriesId;
  readonly model: Pick<ModelPackage, "id" | "version">;
  readonly arm: TaskArm | null;
  /** Tells apart the answers of a model for one series. */
  readonly part: number;
  readonly slices: number;
  /** `TaskInput` in JSON. */
  readonly input: string;
}

export interface DecidedPlan {
  readonly tasks: readonly DecidedTask[];
  readonly refusals: readonly PlannedRefusal[];
}

/** What is decided by; it can be handed to a thread. */
export interface PlanRequest {
  readonly study: PlannableImages & Pick<PlannableStudy, "requestedModels">;
  readonly offer: Offer;
  readonly policy: ModelPolicy;
}

/** Decides for each series and candidate model: tasks, or a refusal that says why. Pure. */
export function decidePlan({ study, offer, policy }: PlanRequest): DecidedPlan {
  const candidates = candidateModels(offer, study.requestedModels, policy);
  const plans = [...bySeries(study.instances)].map(([series, instances]) =>
    decideSeries({ series, instances }, candidates),
  );
  return {
    tasks: plans.flatMap((plan) => plan.tasks),
    refusals: [...plans.flatMap((plan) => plan.refusals), ...refusedSeries(study.leftOut)],
  };
}

const TOO_LARGE: PlanRefusalCode = "study-too-large";
/** More are refused together: a study may have a hundred thousand series. */
const MAX_NAMED_SERIES = 100;

function refusedSeries(series: readonly SeriesId[]): PlannedRefusal[] {
  const refusal = { model: null, code: TOO_LARGE };
  return series.length > MAX_NAMED_SERIES
    ? [{ ...refusal, series: null, facts: { series: series.length } }]
    : series.map((one) => ({ ...refusal, series: one, facts: {} }));
}

interface Series {
  readonly series: SeriesId;
  readonly instances: readonly PlannableInstance[];
}

function decideSeries({ series, instances }: Series, models: readonly OfferedModel[]): DecidedPlan {
  if (models.length === 0) {
    const refusal = { series, model: null, code: "no-matching-model", facts: {} };
    return { tasks: [], refusals: [refusal] };
  }
  const sources = new Map(
    instances.map((instance) => [JSON.parse(instance.facts) as InstanceFacts, instance]),
  );
  const facts = seriesFacts([...sources.keys()], instances[0]?.kind);
  const tasks: DecidedTask[] = [];
  const refusals: PlannedRefusal[] = [];
  for (const { model, arm } of models) {
    for (const [part, decision] of decideInputs(facts, model).entries()) {
      if (decision.status === "taken") {
        const { id, version } = model;
        const input = inputOf(decision, { model, sources });
        tasks.push({
          ...{ id: input.task, series, model: { id, version }, arm, part },
          ...{ slices: input.slices.length, input: JSON.stringify(input) },
        });
      } else {
        const { code, facts: led } = decision;
        const { id, version } = model;
        refusals.push({ series, model: id, version, arm, code, facts: led });
      }
    }
  }
  return { tasks, refusals };
}

interface InputSources {
  readonly model: ModelPackage;
  readonly sources: ReadonlyMap<InstanceFacts, PlannableInstance>;
}

function inputOf(
  { slices, selection }: Extract<InputDecision, { status: "taken" }>,
  { model, sources }: InputSources,
): TaskInput {
  const { id, version, weights } = model;
  return {
    schemaVersion: 1,
    task: newId<TaskId>(),
    model: { id, version, sha256: weights.sha256 },
    slices: slices.flatMap(({ instance, frame }): SliceRef[] => {
      const source = sources.get(instance);
      if (source === undefined) return [];
      const { blob, kind } = source;
      return [{ blob, frame, kind, sopInstanceUid: instance.sopInstanceUid }];
    }),
    ...selection,
  };
}

function bySeries(instances: readonly PlannableInstance[]): Map<SeriesId, PlannableInstance[]> {
  const series = new Map<SeriesId, PlannableInstance[]>();
  for (const instance of instances) {
    const known = series.get(instance.series);
    if (known === undefined) series.set(instance.series, [instance]);
    else known.push(instance);
  }
  return series;
}

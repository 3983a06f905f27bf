import {
  type ModelPackage,
  newId,
  type SeriesId,
  type SliceRef,
  type TaskId,
  type TaskInput,
} from "@axial/contracts";
import { chooseSlices } from "@axial/imaging";
import type { PlannableInstance, PlannableStudy, PlannedRefusal } from "@axial/store/planning";
import { candidateModels, type ModelPolicy } from "./candidate-models.ts";
import { seriesFacts } from "./series-facts.ts";
import { seriesSlices } from "./series-slices.ts";
import { checkSuitability } from "./suitability.ts";

/** A task to be created, with its input. */
export interface DecidedTask {
  readonly series: SeriesId;
  readonly model: ModelPackage;
  readonly input: TaskInput;
}

export interface DecidedPlan {
  readonly tasks: readonly DecidedTask[];
  readonly refusals: readonly PlannedRefusal[];
}

/** Decides for each series and candidate model: a task, or a refusal that says why. Pure. */
export function decidePlan(
  study: Pick<PlannableStudy, "instances" | "requestedModels">,
  models: readonly ModelPackage[],
  policy: ModelPolicy,
): DecidedPlan {
  const candidates = candidateModels(models, study.requestedModels, policy);
  const plans = [...bySeries(study.instances)].map(([series, instances]) =>
    decideSeries({ series, instances }, candidates),
  );
  return {
    tasks: plans.flatMap((plan) => plan.tasks),
    refusals: plans.flatMap((plan) => plan.refusals),
  };
}

interface Series {
  readonly series: SeriesId;
  readonly instances: readonly PlannableInstance[];
}

function decideSeries({ series, instances }: Series, models: readonly ModelPackage[]): DecidedPlan {
  if (models.length === 0) {
    const refusal = { series, model: null, code: "no-matching-model", facts: {} };
    return { tasks: [], refusals: [refusal] };
  }
  const facts = seriesFacts(
    instances.map((instance) => instance.facts),
    instances[0]?.kind,
  );
  const tasks: DecidedTask[] = [];
  const refusals: PlannedRefusal[] = [];
  for (const model of models) {
    const suitability = checkSuitability(facts, model);
    if (suitability.suitable) tasks.push(taskFor({ series, instances }, model));
    else
      refusals.push({ series, model: model.id, code: suitability.code, facts: suitability.facts });
  }
  return { tasks, refusals };
}

function taskFor({ series, instances }: Series, model: ModelPackage): DecidedTask {
  const slices: SliceRef[] = chooseSlices(seriesSlices(instances), model.slices);
  const { id, version, weights } = model;
  const input: TaskInput = {
    schemaVersion: 1,
    task: newId<TaskId>(),
    model: { id, version, sha256: weights.sha256 },
    slices,
  };
  return { series, model, input };
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

import type { BackfillEstimate, BackfillFilter, TenantId } from "@axial/contracts";
import { countSelection, sampleSelection } from "@axial/store/backfill";
import { readCanaries } from "@axial/store/canaries";
import { readPlannable } from "@axial/store/planning";
import type { Dependencies } from "../dependencies.ts";
import type { ModelPolicy } from "../plan/candidate-models.ts";
import { decidePlan } from "../plan/decide-plan.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import { predictionRate } from "./prediction-rate.ts";
import { wantedModels } from "./wanted-models.ts";

/** Studies that the planner decides for: a second's work; beyond them counts are scaled. */
const SAMPLE = 200;

interface EstimateQuery {
  readonly tenant: TenantId;
  readonly filter: BackfillFilter;
  /** Of a manifest, a sample of its Study Instance UIDs; null: all that the filter finds. */
  readonly studies?: readonly string[] | null;
  readonly models: readonly string[] | null;
}

/** What a backfill of stored studies would do, by the planner's decisions for a sample of them. */
export async function estimateStored(
  { db, models }: Pick<Dependencies, "db" | "models">,
  policy: ModelPolicy,
  query: EstimateQuery,
): Promise<BackfillEstimate> {
  const selection = await countSelection(db, query);
  const sample = await sampleSelection(db, query, SAMPLE);
  const offer = versionsOfBackfill(await models.all(), await readCanaries(db));
  const tasks = new Map<string, number>();
  const refusals = new Map<string, { model: string | null; code: string; series: number }>();
  for (const { id, version } of wantedModels(offer, query.models, policy)) {
    tasks.set(`${id} ${version}`, 0);
  }
  let bytes = 0;
  for (const study of sample) {
    const instances = (await readPlannable(db, [study])).get(study) ?? [];
    bytes += instances.reduce((sum, instance) => sum + instance.bytes, 0);
    const plan = decidePlan({ instances, requestedModels: query.models }, offer, policy);
    for (const { model } of plan.tasks) {
      const name = `${model.id} ${model.version}`;
      tasks.set(name, (tasks.get(name) ?? 0) + 1);
    }
    for (const { model, code } of plan.refusals) {
      const key = `${model}/${code}`;
      const known = refusals.get(key) ?? { model, code, series: 0 };
      refusals.set(key, { ...known, series: known.series + 1 });
    }
  }
  const scale = sample.length === 0 ? 0 : selection.studies / sample.length;
  const scaled = [...tasks].map(([model, count]) => ({ model, tasks: Math.round(count * scale) }));
  return {
    ...selection,
    bytes: Math.round(bytes * scale),
    sampled: sample.length,
    tasks: scaled,
    refusals: [...refusals.values()]
      .map((refusal) => ({ ...refusal, series: Math.round(refusal.series * scale) }))
      .toSorted((a, b) => b.series - a.series),
    hours: hoursOf(
      scaled.reduce((sum, one) => sum + one.tasks, 0),
      await predictionRate(db),
    ),
  };
}

function hoursOf(tasks: number, perMinute: number | null): number | null {
  return perMinute === null ? null : tasks / perMinute / 60;
}

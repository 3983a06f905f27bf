import type { BackfillEstimate, BackfillFilter, TenantId } from "@axial/contracts";
import { answeredStudies, countSelection, type WantedModel } from "@axial/store/backfill";
import { readCanaries } from "@axial/store/canaries";
import type { Database } from "@axial/store/database";
import type { Dependencies } from "../dependencies.ts";
import type { DecidedPlan } from "../plan/decide-plan.ts";
import type { PlanDecider } from "../plan/plan-decider.ts";
import { versionsOfBackfill } from "../plan/versions-in-use.ts";
import { predictionRate } from "./prediction-rate.ts";
import { sampleStudies } from "./sample-studies.ts";
import { wantedModels } from "./wanted-models.ts";

/**
 * What the planner decides for; beyond it counts are scaled. A cardiac CT has 20,000 instances by
 * itself.
 */
const SAMPLE = { studies: 200, instances: 20_000, milliseconds: 5_000 };

interface EstimateQuery {
  readonly tenant: TenantId;
  readonly filter: BackfillFilter;
  /** A sample of the Study Instance UIDs that a client names; null: all that the filter finds. */
  readonly studies?: readonly string[] | null;
  readonly models: readonly string[] | null;
}

/**
 * What a backfill of stored studies would do, by the planner's decisions for a sample of them: at
 * most 200 studies, 20,000 instances and five seconds; `sampled` says how many it was.
 */
export async function estimateStored(
  { db, models }: Pick<Dependencies, "db" | "models">,
  decider: PlanDecider,
  query: EstimateQuery,
): Promise<BackfillEstimate> {
  const selection = await countSelection(db, query);
  const offer = versionsOfBackfill(await models.all(), await readCanaries(db));
  const wanted = wantedModels(offer, query.models, decider.policy);
  const tally = new Tally(wanted);
  for await (const images of sampleStudies(db, query, SAMPLE)) {
    const study = { ...images, requestedModels: query.models };
    const answered = await answeredStudies(db, [images.id], wanted);
    if (answered.has(images.id)) tally.skip(images.bytes);
    else tally.add(await decider.decide(query.tenant, { study, offer }), images.bytes);
  }
  const scaled = tally.scaledTo(selection.studies);
  return { ...selection, ...scaled, hours: await hoursOf(db, scaled.tasks) };
}

type Refusals = BackfillEstimate["refusals"][number];

/** What the planner decided for the studies of a sample. */
export class Tally {
  #studies = 0;
  #answered = 0;
  #bytes = 0;
  readonly #tasks: Map<string, number>;
  readonly #refusals = new Map<string, Refusals>();

  constructor(models: readonly WantedModel[]) {
    this.#tasks = new Map(models.map(({ id, version }) => [`${id} ${version}`, 0]));
  }

  /** A study that has its answers. */
  skip(bytes: number): void {
    this.#studies += 1;
    this.#answered += 1;
    this.#bytes += bytes;
  }

  add({ tasks, refusals }: DecidedPlan, bytes: number): void {
    this.#studies += 1;
    this.#bytes += bytes;
    for (const { model } of tasks) {
      const name = `${model.id} ${model.version}`;
      this.#tasks.set(name, (this.#tasks.get(name) ?? 0) + 1);
    }
    for (const { model, code } of refusals) {
      const key = `${model}/${code}`;
      const known = this.#refusals.get(key) ?? { model, code, series: 0 };
      this.#refusals.set(key, { ...known, series: known.series + 1 });
    }
  }

  /** As if all `studies` were like those of the sample. */
  scaledTo(
    studies: number,
  ): Pick<BackfillEstimate, "sampled" | "answered" | "tasks" | "refusals"> & { bytes: number } {
    const scale = this.#studies === 0 ? 0 : studies / this.#studies;
    return {
      sampled: this.#studies,
      answered: Math.round(this.#answered * scale),
      bytes: Math.round(this.#bytes * scale),
      tasks: [...this.#tasks].map(([model, tasks]) => ({
        model,
        tasks: Math.round(tasks * scale),
      })),
      refusals: [...this.#refusals.values()]
        .map((refusal) => ({ ...refusal, series: Math.round(refusal.series * scale) }))
        .toSorted((a, b) => b.series - a.series),
    };
  }
}

/** Of these tasks at the rate of the last predictions; null where none was made for a day. */
export async function hoursOf(
  db: Database,
  tasks: BackfillEstimate["tasks"],
): Promise<number | null> {
  const perMinute = await predictionRate(db);
  const count = tasks.reduce((sum, one) => sum + one.tasks, 0);
  return perMinute === null ? null : count / perMinute / 60;
}

import type { StudyId } from "@axial/contracts";
import {
  closeQuietStudies,
  findUnplanned,
  isTransientDatabaseError,
  planStudy,
  supersedeRuns,
} from "@axial/store";
import { type Loop, startLoop } from "../loops/loop.ts";
import type { GatewayServices } from "../services.ts";
import type { ModelPolicy } from "./candidate-models.ts";
import { decidePlan } from "./decide-plan.ts";
import { PlanningTroubles } from "./planning-troubles.ts";
import { refuseUnplannable } from "./refuse-unplannable.ts";
import { storePlan } from "./store-plan.ts";
import { withdrawJobs } from "./withdraw-jobs.ts";

/** Studies looked up at once; each is planned in a transaction of its own. */
const BATCH = 32;
/** Closing is notified; this is how long a lost notification, or a quiet period, goes unseen. */
const IDLE_MS = 1_000;

type PlannerServices = Pick<
  GatewayServices,
  "db" | "blobs" | "queues" | "models" | "logger" | "metrics"
>;

/**
 * Plans closed studies, STAT first. Any number of planners may run: a study is planned under the
 * lock of its row, and whoever does not get it goes on to the next.
 */
export function startPlanner(services: PlannerServices, policy: ModelPolicy): Loop {
  const troubles = new PlanningTroubles();
  return startLoop({ name: "planner", idleMs: IDLE_MS, logger: services.logger }, async () => {
    const closed = await closeQuietStudies(services.db);
    const studies = await findUnplanned(services.db, BATCH, troubles.postponed());
    for (const study of studies) {
      try {
        await planOne(services, policy, study);
      } catch (error) {
        if (isTransientDatabaseError(error)) throw error;
        services.logger.error({ err: error, study }, "a study could not be planned");
        if (troubles.add(study, error)) await refuseUnplannable(services, study);
      }
    }
    return studies.length > 0 || closed > 0;
  });
}

async function planOne(services: PlannerServices, policy: ModelPolicy, id: StudyId): Promise<void> {
  const { db, blobs, queues, metrics } = services;
  await withdrawJobs(queues, await supersedeRuns(db, id));
  const models = await services.models.newest();
  await planStudy(db, id, async (study) => {
    const decided = decidePlan(study, models, policy);
    for (const { code } of decided.refusals) metrics.refusalsTotal.inc({ code });
    return storePlan(decided, blobs);
  });
}

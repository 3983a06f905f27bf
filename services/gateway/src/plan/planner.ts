import { LANES, type Lane } from "@axial/contracts";
import {
  findUnplanned,
  isTransientDatabaseError,
  planStudy,
  supersedeRuns,
  type UnplannedStudy,
} from "@axial/store";
import { type Loop, startLoop } from "../loops/loop.ts";
import { togetherLoops } from "../loops/together.ts";
import type { GatewayServices } from "../services.ts";
import type { ModelPolicy } from "./candidate-models.ts";
import { decidePlan } from "./decide-plan.ts";
import { PlanningTroubles } from "./planning-troubles.ts";
import { refuseUnplannable } from "./refuse-unplannable.ts";
import { storePlan } from "./store-plan.ts";
import { withdrawJobs } from "./withdraw-jobs.ts";

/** Studies looked up at once; each is planned in a transaction of its own. */
const BATCH = 32;
/** Closing is notified; this is how long a lost notification goes unseen. */
const IDLE_MS = 1_000;

type PlannerServices = Pick<
  GatewayServices,
  "db" | "blobs" | "queues" | "models" | "logger" | "metrics"
>;

/**
 * Plans closed studies. Each lane has a loop of its own, so that a STAT study waits neither for a
 * backfill's studies nor for the one large study among them (invariant 7). Any number of planners
 * may run: a study is planned under the lock of its row, and whoever does not get it goes on to
 * the next.
 */
export function startPlanner(services: PlannerServices, policy: ModelPolicy): Loop {
  const { logger } = services;
  return togetherLoops(
    LANES.map((lane) => {
      const troubles = new PlanningTroubles();
      return startLoop({ name: `planner of ${lane}`, idleMs: IDLE_MS, logger }, () =>
        planLane({ services, policy, lane, troubles }),
      );
    }),
  );
}

interface LaneTurn {
  readonly services: PlannerServices;
  readonly policy: ModelPolicy;
  readonly lane: Lane;
  readonly troubles: PlanningTroubles;
}

/** Plans what waits in a lane; true when there may be more. */
async function planLane({ services, policy, lane, troubles }: LaneTurn): Promise<boolean> {
  const except = troubles.postponed();
  const studies = await findUnplanned(services.db, { lane, limit: BATCH, except });
  for (const study of studies) {
    try {
      await planOne(services, policy, study);
    } catch (error) {
      if (isTransientDatabaseError(error)) throw error;
      services.logger.error({ err: error, study: study.id }, "a study could not be planned");
      if (troubles.add(study.id, error)) await refuseUnplannable(services, study);
    }
  }
  return studies.length > 0;
}

async function planOne(
  services: PlannerServices,
  policy: ModelPolicy,
  unplanned: UnplannedStudy,
): Promise<void> {
  const { db, blobs, queues, metrics } = services;
  if (unplanned.reason !== "closed") {
    await withdrawJobs(queues, await supersedeRuns(db, unplanned.id));
  }
  const models = await services.models.newest();
  await planStudy(db, unplanned, async (study) => {
    const decided = decidePlan(study, models, policy);
    for (const { code } of decided.refusals) metrics.refusalsTotal.inc({ code });
    return storePlan(decided, blobs);
  });
}

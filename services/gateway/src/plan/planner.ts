import type { BlobStore } from "@axial/blobs";
import type { PlanRefusalCode } from "@axial/contracts";
import { LANES, type Lane } from "@axial/contracts";
import { withdrawJobs } from "@axial/kit";
import { type Loop, startLoop, togetherLoops } from "@axial/kit/loops";
import { readCanaries } from "@axial/store/canaries";
import { isTransientDatabaseError } from "@axial/store/database";
import {
  findUnplanned,
  planStudies,
  type StudyPlan,
  supersedeRuns,
  type UnplannedStudy,
} from "@axial/store/planning";
import type { Dependencies } from "../dependencies.ts";
import type { DecidedPlan } from "./decide-plan.ts";
import { inGroups } from "./in-groups.ts";
import type { PlanDecider } from "./plan-decider.ts";
import { PlanSpans } from "./plan-spans.ts";
import { PlanningTroubles } from "./planning-troubles.ts";
import { versionsInUse } from "./versions-in-use.ts";

/** Studies looked up at once. */
const BATCH = 32;
/**
 * Studies and instances of one transaction: what a study costs is mostly statements. A study of
 * more instances has one of its own.
 */
const GROUP = { studies: 16, instances: 2_000 };
/** Closing is notified; this is how long a lost notification goes unseen. */
const IDLE_MS = 1_000;

type PlannerServices = Pick<
  Dependencies,
  "db" | "blobs" | "queues" | "models" | "logger" | "metrics" | "tracing"
>;

/**
 * Plans closed studies. Each lane has a loop of its own, so that a STAT study waits neither for a
 * backfill's studies nor for the one large study among them (invariant 7). Any number of planners
 * may run: a study is planned under the lock of its row, and a planner that does not get it moves
 * on. Studies are planned in groups; a group that fails is planned one by one, so that only the
 * offending study waits.
 */
export function startPlanner(services: PlannerServices, decider: PlanDecider): Loop {
  const { logger } = services;
  return togetherLoops(
    LANES.map((lane) => {
      const troubles = new PlanningTroubles();
      return startLoop({ name: `planner of ${lane}`, idleMs: IDLE_MS, logger }, () =>
        planLane({ services, decider, lane, troubles }),
      );
    }),
  );
}

interface LaneTurn {
  readonly services: PlannerServices;
  readonly decider: PlanDecider;
  readonly lane: Lane;
  readonly troubles: PlanningTroubles;
}

/** Plans what waits in a lane. Returns true when there may be more. */
async function planLane(turn: LaneTurn): Promise<boolean> {
  const { services, lane, troubles } = turn;
  const except = troubles.postponed();
  const studies = await findUnplanned(services.db, { lane, limit: BATCH, except });
  for (const group of inGroups(studies, GROUP)) await planGroup(turn, group);
  return studies.length > 0;
}

async function planGroup(turn: LaneTurn, group: readonly UnplannedStudy[]): Promise<void> {
  const { services, decider, troubles } = turn;
  try {
    await planTogether(services, decider, group);
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error;
    const [study, ...others] = group;
    if (others.length > 0) {
      for (const one of group) await planGroup(turn, [one]);
    } else if (study !== undefined) {
      services.logger.error({ err: error, study: study.id }, "a study could not be planned");
      if (troubles.add(study.id, error)) await refuseUnplannable(services, study);
    }
  }
}

async function planTogether(
  services: PlannerServices,
  decider: PlanDecider,
  group: readonly UnplannedStudy[],
): Promise<void> {
  const { db, blobs, queues, metrics, tracing } = services;
  for (const { id, reason } of group) {
    if (reason !== "closed") await withdrawJobs(queues, await supersedeRuns(db, id));
  }
  const installed = await services.models.all();
  const canaries = await readCanaries(db);
  let plans: readonly StudyPlan[] = [];
  const spans = new PlanSpans(tracing);
  try {
    await planStudies(db, group, async (studies) => {
      spans.start(studies);
      const decided: DecidedPlan[] = [];
      for (const study of studies) {
        const offer = versionsInUse(installed, canaries, study);
        decided.push(await decider.decide(study.tenant, { study, offer }));
      }
      plans = spans.name(await storePlans(decided, blobs));
      return plans;
    });
  } catch (error) {
    spans.fail(error);
    throw error;
  } finally {
    spans.end();
  }
  for (const { code } of plans.flatMap(({ refusals }) => refusals)) {
    metrics.refusalsTotal.inc({ code });
  }
}

const FAILED: PlanRefusalCode = "planning-failed";

/** Answers for a study that cannot be planned with a run that refuses it. `rerun` tries again. */
export async function refuseUnplannable(
  { db, metrics }: Pick<Dependencies, "db" | "metrics">,
  study: UnplannedStudy,
): Promise<void> {
  const refusals = [{ series: null, model: null, code: FAILED, facts: {} }];
  const refused = await planStudies(db, [study], async () => [{ tasks: [], refusals }]);
  if (refused.length > 0) metrics.refusalsTotal.inc({ code: FAILED });
}

/** Makes the inputs of planned tasks durable, so that no row points at a blob that is not there. */
async function storePlans(decided: readonly DecidedPlan[], blobs: BlobStore): Promise<StudyPlan[]> {
  const inputs = decided.flatMap(({ tasks }) => tasks.map(({ input }) => input));
  const keys = (await blobs.putMany(inputs.map((input) => Buffer.from(input)))).values();
  return decided.map(({ tasks, refusals }) => ({
    tasks: tasks.map(({ id, series, model, arm, part, slices }) => {
      const { value: key } = keys.next();
      if (key === undefined) throw new RangeError("a blob key for each input");
      return { id, series, model, arm, part, input: key, slices };
    }),
    refusals,
  }));
}

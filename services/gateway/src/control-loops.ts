import { Duty, type Loop, startLoop, wakeLater } from "@axial/kit/loops";
import { listen } from "@axial/postgres";
import { readStateAges } from "@axial/store/dispatch";
import { closeQuietStudies } from "@axial/store/ingest";
import { mendStranded } from "@axial/store/planning";
import { startFeeder } from "./backfill/feeder.ts";
import { startLister } from "./backfill/lister.ts";
import type { Dependencies } from "./dependencies.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { reconcile } from "./dispatch/reconciler.ts";
import type { PlanDecider } from "./plan/plan-decider.ts";
import { startPlanner } from "./plan/planner.ts";
import { startPuller } from "./sources/puller.ts";

/** Loops are woken by notifications; this is how long a lost one goes unseen. */
const DISPATCH_IDLE_MS = 500;
/** Under load one pass serves the results of this long; an idle system never waits for it. */
const DISPATCH_SPACING_MS = 10;
/** A result frees a place in a window that holds twice what workers do: a look serves many. */
const AFTER_RESULTS_MS = 25;
const RECONCILE_EVERY_MS = 2_000;
/** How late a quiet period may be noticed to be over. */
const QUIET_EVERY_MS = 1_000;
/** A closed study without any unfinished task is moved on after this. */
const STRANDED_SECONDS = 60;
/** Finding one reads every study that is closed, the backlog's too. */
const STRANDED_DUTY = 0.05;

interface ControlOptions {
  readonly databaseUrl: string;
  readonly decider: PlanDecider;
}

/** Starts closing, planning, dispatching and reconciling; the result ends it. */
export function startControlLoops(
  dependencies: Dependencies,
  { databaseUrl, decider }: ControlOptions,
): () => Promise<void> {
  const { db, logger, metrics } = dependencies;
  metrics.controlLeader.set(1);
  const dispatcher = new Dispatcher(dependencies);
  const planner = startPlanner(dependencies, decider);
  const closing = startLoop(
    { name: "closing of quiet studies", idleMs: QUIET_EVERY_MS, logger },
    async () => (await closeQuietStudies(db)) > 0,
  );
  const dispatching = startLoop(
    { name: "dispatcher", idleMs: DISPATCH_IDLE_MS, spacingMs: DISPATCH_SPACING_MS, logger },
    () => dispatcher.pass(),
  );
  const reconciling = startReconciling(dependencies);
  const feeding = startFeeder(dependencies, decider.policy);
  const listing = startLister(dependencies);
  const pulling = startPuller(dependencies);
  const placesFreed = wakeLater(dispatching, AFTER_RESULTS_MS);
  const listener = listen(databaseUrl, {
    "study-closed": () => planner.wake(),
    "tasks-pending": () => dispatching.wake(),
    "study-changed": placesFreed,
    "pulls-due": () => pulling.wake(),
  });
  return async () => {
    const loops = [pulling, listing, closing, planner, dispatching, reconciling, feeding];
    await Promise.all(loops.map((loop) => loop.close()));
    await listener.close();
    metrics.controlLeader.set(0);
    metrics.stateAge.reset();
  };
}

function startReconciling({ db, queues, logger, metrics }: Dependencies): Loop {
  const mending = new Duty(STRANDED_DUTY);
  return startLoop({ name: "reconciler", idleMs: RECONCILE_EVERY_MS, logger }, async () => {
    await reconcile(db, queues);
    const stranded = (await mending.run(() => mendStranded(db, STRANDED_SECONDS))) ?? [];
    if (stranded.length > 0) logger.error({ studies: stranded }, "stranded studies moved on");
    for (const { entity, state, seconds } of await readStateAges(db)) {
      metrics.stateAge.set({ entity, state }, seconds);
    }
    return false;
  });
}

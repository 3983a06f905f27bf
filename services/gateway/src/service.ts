import { Duty, type Loop, startLoop, wakeLater } from "@axial/kit/loops";
import { listen } from "@axial/postgres";
import type { Service } from "@axial/service";
import { readStateAges } from "@axial/store/dispatch";
import { closeQuietStudies } from "@axial/store/ingest";
import { mendStranded } from "@axial/store/planning";
import { gatewayApp } from "./app.ts";
import { createDependencies, type Dependencies, type DependencyOptions } from "./dependencies.ts";
import { type DimseDoorOptions, openDimseDoor } from "./dimse/dimse-door.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { reconcile } from "./dispatch/reconciler.ts";
import { startPlanner } from "./plan/planner.ts";

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

export interface GatewayOptions extends DependencyOptions {
  /** Models trained on generated images only take part without being named. */
  readonly syntheticModels?: boolean;
  /** Where C-STORE is taken; without it there is no DIMSE. */
  readonly dimse?: DimseDoorOptions | undefined;
}

interface GatewayService extends Service {
  /** Where C-STORE is taken once started; null without DIMSE. */
  readonly dimsePort: number | null;
}

/** The door: accepts studies, plans what is to be done with them and dispatches it. */
export function createGateway(options: GatewayOptions): GatewayService {
  const dependencies = createDependencies(options);
  const closing: (() => Promise<void>)[] = [];
  let dimsePort: number | null = null;
  return {
    name: "gateway",
    app: gatewayApp(dependencies),
    get dimsePort() {
      return dimsePort;
    },
    start: async () => {
      closing.push(startLoops(dependencies, options));
      if (options.dimse === undefined) return;
      const door = await openDimseDoor(dependencies, options.dimse);
      if (door === null) return;
      dimsePort = door.port;
      closing.push(() => door.close());
    },
    /** Resolves when associations are over and the running turns of the loops too. */
    close: async () => {
      for (const close of closing.toReversed()) await close();
    },
  };
}

/** Starts planning and dispatching; the result ends it. */
function startLoops(dependencies: Dependencies, options: GatewayOptions): () => Promise<void> {
  const { db, logger } = dependencies;
  const dispatcher = new Dispatcher(dependencies);
  const planner = startPlanner(dependencies, { syntheticModels: options.syntheticModels ?? false });
  const closing = startLoop(
    { name: "closing of quiet studies", idleMs: QUIET_EVERY_MS, logger },
    async () => (await closeQuietStudies(db)) > 0,
  );
  const dispatching = startLoop(
    { name: "dispatcher", idleMs: DISPATCH_IDLE_MS, spacingMs: DISPATCH_SPACING_MS, logger },
    () => dispatcher.pass(),
  );
  const reconciling = startReconciling(dependencies);
  const placesFreed = wakeLater(dispatching, AFTER_RESULTS_MS);
  const listener = listen(options.databaseUrl, {
    "study-closed": () => planner.wake(),
    "tasks-pending": () => dispatching.wake(),
    "study-changed": (study) => {
      placesFreed();
      dependencies.results.notify(study);
    },
  });
  return async () => {
    await Promise.all([closing, planner, dispatching, reconciling].map((loop) => loop.close()));
    await listener.close();
    await dependencies.sameInstance.close();
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

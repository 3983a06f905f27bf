import { fileURLToPath } from "node:url";
import type { BlobStore } from "@axial/blobs";
import { ModelCatalogue } from "@axial/inference/packages";
import { type Logger, type Metrics, OutageLog, type Queues } from "@axial/kit";
import { Duty, GroupCommit, startLoop, wakeLater } from "@axial/kit/loops";
import { listen } from "@axial/postgres";
import { type Database, isTransientDatabaseError } from "@axial/store/database";
import { readStateAges } from "@axial/store/dispatch";
import { closeQuietStudies, storeInstances } from "@axial/store/ingest";
import { mendStranded } from "@axial/store/planning";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { AdmissionGate } from "./admission/admission-gate.ts";
import { databaseGauge, diskGauge } from "./admission/gauges.ts";
import { gatewayApp } from "./app.ts";
import { Dispatcher } from "./dispatch/dispatcher.ts";
import { reconcile } from "./dispatch/reconciler.ts";
import { startPlanner } from "./plan/planner.ts";
import { ResultWaiter } from "./results/result-waiter.ts";
import type { GatewayServices } from "./services.ts";

/** Rows of one commit: about 300 KB of JSON. */
const COMMIT_ITEMS = 256;
const CONCURRENT_COMMITS = 2;
/** Loops are woken by notifications; this is how long a lost one goes unseen. */
const DISPATCH_IDLE_MS = 500;
/** Under load one pass serves the results of this long; an idle system never waits for it. */
const DISPATCH_SPACING_MS = 10;
/** A result frees a place in a window that holds twice what workers do: a look serves many. */
const AFTER_RESULTS_MS = 25;
const RECONCILE_EVERY_MS = 2_000;
/** How late a quiet period may be noticed to be over. */
const QUIET_EVERY_MS = 1_000;
/** A study that is closed while nothing of it is at work is moved on after this. */
const STRANDED_SECONDS = 60;
/** Finding one reads every study that is closed, the backlog's too. */
const STRANDED_DUTY = 0.05;

export interface GatewayOptions {
  readonly db: Database;
  /** Listens to notifications on a connection of its own. */
  readonly databaseUrl: string;
  readonly queues: Queues;
  readonly blobs: BlobStore;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly modelsDir: string;
  /** Models trained on generated images only take part without being named. */
  readonly syntheticModels?: boolean;
  /** Folder of the blob store, where it is one: senders are turned away before its disk is full. */
  readonly blobUrl?: string;
  readonly marks?: Partial<typeof HIGH_WATER_MARKS>;
  /** Base address of the archive: reads on the paths of STOW-RS are forwarded to it. */
  readonly archiveUrl?: string | undefined;
}

/** Beyond these the gateway takes nothing more. */
export const HIGH_WATER_MARKS = {
  maxPendingTasks: 5_000_000,
  maxDatabaseBytes: 200e9,
  /** Disk left to Postgres, temporary files and the results of what was accepted. */
  reservedDiskBytes: 2e9,
};

export interface GatewayService {
  readonly app: FastifyPluginAsyncTypebox;
  /** Resolves when the running turns of the loops are over. */
  close(): Promise<void>;
}

/** Starts planning and dispatching; the app accepts on whatever server it is registered on. */
export function startGateway(options: GatewayOptions): GatewayService {
  const services = createServices(options);
  const { db, queues, logger, metrics } = options;
  const dispatcher = new Dispatcher(options);
  const planner = startPlanner(services, { syntheticModels: options.syntheticModels ?? false });
  const closing = startLoop(
    { name: "closing of quiet studies", idleMs: QUIET_EVERY_MS, logger },
    async () => (await closeQuietStudies(db)) > 0,
  );
  const dispatching = startLoop(
    { name: "dispatcher", idleMs: DISPATCH_IDLE_MS, spacingMs: DISPATCH_SPACING_MS, logger },
    () => dispatcher.pass(),
  );
  const mending = new Duty(STRANDED_DUTY);
  const reconciling = startLoop(
    { name: "reconciler", idleMs: RECONCILE_EVERY_MS, logger },
    async () => {
      await reconcile(db, queues);
      const stranded = (await mending.run(() => mendStranded(db, STRANDED_SECONDS))) ?? [];
      if (stranded.length > 0) logger.error({ studies: stranded }, "stranded studies moved on");
      for (const { entity, state, seconds } of await readStateAges(db)) {
        metrics.stateAge.set({ entity, state }, seconds);
      }
      return false;
    },
  );
  const placesFreed = wakeLater(dispatching, AFTER_RESULTS_MS);
  const listener = listen(options.databaseUrl, {
    "study-closed": () => planner.wake(),
    "tasks-pending": () => dispatching.wake(),
    "study-changed": (study) => {
      placesFreed();
      services.results.notify(study);
    },
  });
  return {
    app: gatewayApp(services),
    close: async () => {
      await Promise.all([closing, planner, dispatching, reconciling].map((loop) => loop.close()));
      await listener.close();
    },
  };
}

function createServices(options: GatewayOptions): GatewayServices {
  const { db, blobs, blobUrl } = options;
  const marks = { ...HIGH_WATER_MARKS, ...options.marks };
  const disk = blobUrl?.startsWith("file:")
    ? [diskGauge(fileURLToPath(blobUrl), marks.reservedDiskBytes)]
    : [];
  return {
    ...options,
    storeOutage: new OutageLog(options.logger, "storing instances"),
    results: new ResultWaiter(),
    models: new ModelCatalogue(options.modelsDir, (folder, err) =>
      options.logger.warn({ err, folder }, "invalid model"),
    ),
    gate: new AdmissionGate([...disk, databaseGauge(db, marks)]),
    committer: new GroupCommit(
      {
        maxItems: COMMIT_ITEMS,
        // One writes its rows while the other's log is synced.
        concurrency: CONCURRENT_COMMITS,
        // A bad row is its sender's alone.
        isCommon: isTransientDatabaseError,
      },
      (instances) => storeInstances(db, instances, blobs),
    ),
  };
}

import type { Dependencies } from "../dependencies.ts";
import { DeletionCost } from "../kubernetes/deletion-cost.ts";
import { annotateOwnPod } from "../kubernetes/own-pod.ts";
import { Announcer } from "./announcer.ts";
import { countEngine } from "./count-engine.ts";
import { EngineKeeper } from "./engine-keeper.ts";
import type { EngineState } from "./engine-state.ts";
import { feedGpuMetrics } from "./gpu/gpu-metrics.ts";
import { handleJob } from "./handle-job.ts";
import { Lanes } from "./lanes.ts";
import { ModelReloads } from "./model-reloads.ts";
import { ModelWatch } from "./model-watch.ts";
import { Prefetch } from "./prefetch.ts";
import { ResultSender } from "./result-sender.ts";
import { Withdrawals } from "./withdrawals.ts";

/** Why an engine is replaced: counted from zero, so that the first has a rate too. */
const ENGINE_ENDS = ["engine-crashed", "engine-hung"] as const;

export interface Supervisor {
  /** Rejects with the reason if no engine is serving. */
  check(): Promise<void>;
  /** A note in /readyz beside the state. */
  readonly note: string | null;
  /** Reloads the models at the next opportunity. */
  reload(): void;
  /** Stops taking jobs, drains, ends the engine and announces its departure. */
  close(): Promise<void>;
}

/**
 * Takes jobs from the lane queues while an engine serves, hands them to it and reports how they
 * ended. Resolves once its engine is started, which is not yet ready then.
 */
export async function startSupervisor(dependencies: Dependencies): Promise<Supervisor> {
  const { config, queues, blobs, logger, metrics, tracing } = dependencies;
  const sender = new ResultSender(queues.streams, config.signer);
  if (config.signer === null) logger.warn("outcomes are not signed: set AXIAL_OUTCOME_KEYS");
  if (config.enginesShareCredential) {
    logger.warn("engines get the S3 credential that writes: set AXIAL_BLOB_READ_ACCESS_KEY_ID");
  }
  for (const reason of ENGINE_ENDS) metrics.engineRestartsTotal.inc({ reason }, 0);
  for (const lane of config.lanes) metrics.tasksWithdrawnTotal.inc({ lane }, 0);
  metrics.modelReloadsTotal.inc({ outcome: "served" }, 0);
  feedGpuMetrics({ devices: nvidiaDevices(dependencies), metrics, logger });
  const closing = new AbortController();
  const onState = (state: EngineState): void => {
    if (state.status === "ready") lanes.resume();
    else lanes.pause();
    counts.serves();
    announcer.announce();
    logger.info(
      { engine: state.status, pid: engine.pids.at(0), pids: engine.pids },
      "engine state",
    );
  };
  const counts = countEngine(metrics, () => engine.state);
  const reloads = new ModelReloads({
    metrics,
    logger,
    reload: (packages) => engine.reload(packages),
  });
  const { watch, packages } = await ModelWatch.start({
    roots: config.modelRoots,
    everyMs: config.modelsEveryMs,
    logger,
    onChange: (changed) => reloads.run(changed, closing.signal),
  });
  const engine = new EngineKeeper({
    engines: config.engines,
    packages,
    limits: config.limits,
    logger,
    onState,
    onCounts: (counted) => {
      counts.add(counted);
      prefetch.add(counted);
    },
    onRestart: (reason) => metrics.engineRestartsTotal.inc({ reason }),
  });
  const announcer = new Announcer({
    worker: config.name,
    pool: config.pool,
    capacity: config.capacity.routine,
    lanes: config.lanes,
    sender,
    logger,
    state: () => engine.state,
    held: () => engine.heldByLane,
  });
  const prefetch = new Prefetch({
    batchImages: config.engines.reduce((sum, { batchImages }) => sum + batchImages, 0),
    most: config.capacity.routine,
    onChange: (jobs) => lanes.hold(jobs),
  });
  const lanes = new Lanes({
    served: config.lanes,
    capacity: { ...config.capacity, routine: prefetch.jobs, backfill: prefetch.jobs },
    jobs: queues.jobs,
    logger,
    handle: async (job) => {
      await handleJob(job, {
        ...{ worker: config.name, engine, blobs, sender, metrics, tracing },
      });
      prefetch.ended();
    },
  });
  const withdrawals = new Withdrawals({ list: queues.withdrawals, engine });
  const cost = keepDeletionCost(dependencies, engine);
  return {
    check: () => engine.check(),
    get note() {
      return reloads.note;
    },
    reload: () => watch.reload(),
    close: async () => {
      closing.abort();
      watch.close();
      withdrawals.close();
      await Promise.all([lanes.close(), engine.drain(config.drainMs)]);
      await engine.close();
      await announcer.close();
      cost?.close();
    },
  };
}

/** Indices of the devices that engines use by NVIDIA's driver. */
function nvidiaDevices({ config: { engines } }: Dependencies): number[] {
  const using = engines.filter(({ providers }) =>
    providers.some((provider) => provider === "cuda" || provider === "tensorrt"),
  );
  return [...new Set(using.map(({ device }) => device))];
}

/** Null outside Kubernetes. */
function keepDeletionCost(
  { config: { kubernetes }, logger }: Dependencies,
  engine: EngineKeeper,
): DeletionCost | null {
  if (kubernetes === null) return null;
  return new DeletionCost({
    cost: () => engine.heldTasks,
    annotate: (annotations) => annotateOwnPod(kubernetes, annotations),
    logger,
  });
}

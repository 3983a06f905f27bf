import { openBlobStore } from "@axial/blobs";
import {
  createHttpServer,
  createMetrics,
  type Logger,
  openQueues,
  type Shutdown,
} from "@axial/kit";
import type { WorkerConfig } from "./config.ts";
import { DeletionCost } from "./kubernetes/deletion-cost.ts";
import { annotateOwnPod } from "./kubernetes/own-pod.ts";
import { Announcer } from "./supervisor/announcer.ts";
import { countEngine } from "./supervisor/count-engine.ts";
import { EngineKeeper } from "./supervisor/engine-keeper.ts";
import type { EngineState } from "./supervisor/engine-state.ts";
import { handleJob } from "./supervisor/handle-job.ts";
import { Lanes } from "./supervisor/lanes.ts";
import { ModelReloads } from "./supervisor/model-reloads.ts";
import { ModelWatch } from "./supervisor/model-watch.ts";
import { Prefetch } from "./supervisor/prefetch.ts";
import { ResultSender } from "./supervisor/result-sender.ts";
import { Withdrawals } from "./supervisor/withdrawals.ts";

interface WorkerDependencies {
  readonly config: WorkerConfig;
  readonly logger: Logger;
  readonly shutdown: Shutdown;
}

/**
 * The supervisor: takes jobs from the lane queues while an engine serves, hands them to it and
 * reports how they ended. It closes in reverse: stop taking and drain, end the engine, say
 * good-bye, close the probes, close the queue.
 */
export async function startWorker({ config, logger, shutdown }: WorkerDependencies): Promise<void> {
  const metrics = createMetrics("worker");
  const queues = openQueues(config.queueUrl, { logger });
  shutdown.onClose("queues", () => queues.close());
  const blobs = openBlobStore(config.blobUrl);
  const sender = new ResultSender(queues.streams);
  if (config.enginesShareCredential) {
    logger.warn("engines get the S3 credential that writes: set AXIAL_BLOB_READ_ACCESS_KEY_ID");
  }

  const onState = (state: EngineState): void => {
    if (state.status === "ready") lanes.resume();
    else lanes.pause();
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
    onChange: (changed) => reloads.run(changed, shutdown.signal),
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
    capacity: config.capacity.routine,
    lanes: config.lanes,
    sender,
    logger,
    state: () => engine.state,
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
      await handleJob(job, { engine, blobs, sender, metrics });
      prefetch.ended();
    },
  });
  const withdrawals = new Withdrawals({ list: queues.withdrawals, engine });

  const server = await createHttpServer({
    logger,
    metrics,
    probes: [
      { name: "queue", check: () => queues.ping() },
      { name: "blobs", check: () => blobs.ping() },
      { name: "engine", check: () => engine.check(), note: () => reloads.note },
    ],
  });
  const address = await server.listen({ host: config.host, port: config.port });
  shutdown.onClose("probes", () => server.close());
  if (config.kubernetes !== null) {
    const { kubernetes } = config;
    const cost = new DeletionCost({
      cost: () => engine.heldTasks,
      annotate: (annotations) => annotateOwnPod(kubernetes, annotations),
      logger,
    });
    shutdown.onClose("deletion cost", async () => cost.close());
  }
  shutdown.onClose("announcer", () => announcer.close());
  shutdown.onClose("engine", () => engine.close());
  shutdown.onClose("jobs", async () => {
    watch.close();
    withdrawals.close();
    await Promise.all([lanes.close(), engine.drain(config.drainMs)]);
  });
  process.on("SIGHUP", () => watch.reload());
  logger.info({ address, worker: config.name }, "worker listens");
}

import type { Job, Worker } from "bullmq";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import type { Backend } from "./backend.ts";
import type { ConsumeOptions, Consumer, TakenJob } from "./queues.ts";

/** A dead supervisor's jobs are handed on within the sum of these two. */
const LOCK_MS = 6_000;
const STALLED_EVERY_MS = 2_000;
/** A job that took down this many supervisors is left to the reconciler, which counts attempts. */
const MAX_STALLED = 2;

export interface ConsumeRequest {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly queue: string;
  readonly options: ConsumeOptions;
  readonly handler: (job: TakenJob) => Promise<void>;
}

/** Opens a BullMQ worker for `queue`. */
export function consume(request: ConsumeRequest): Consumer {
  const { backend, options, queue } = request;
  const logger = request.logger.child({ queue });
  const outage = new OutageLog(logger, "queue");
  const process = async (job: Job): Promise<void> => {
    await request.handler({
      id: job.id ?? "",
      data: job.data,
      deliveries: Math.max(1, job.attemptsStarted),
    });
  };
  const worker = backend.worker(queue, process, {
    concurrency: options.concurrency,
    lockDuration: options.lockMs ?? LOCK_MS,
    stalledInterval: options.stalledEveryMs ?? STALLED_EVERY_MS,
    maxStalledCount: MAX_STALLED,
    drainDelay: 1,
    runRetryDelay: 500,
  });
  worker.on("error", (error) => {
    // A connection that breaks while it is being closed is nobody's outage.
    if (worker.closing === undefined) outage.failed(error);
  });
  worker.on("failed", (job, error) => logger.warn({ err: error, job: job?.id }, "job failed"));
  worker.on("stalled", (job) => logger.warn({ job }, "job handed on from a lost consumer"));
  return asConsumer(worker);
}

function asConsumer(worker: Worker): Consumer {
  return {
    pause: () => worker.pause(true),
    resume: () => worker.resume(),
    close: () => worker.close(),
  };
}

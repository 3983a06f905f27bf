import { setTimeout as delay } from "node:timers/promises";
import type { Job } from "bullmq";
import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import type { Backend, BackendWorker } from "./backend.ts";
import { DeafWatch } from "./deaf-watch.ts";
import { ErrorStorm } from "./error-storm.ts";
import type { ConsumeOptions, Consumer, TakenJob } from "./jobs.ts";
import { areTablesLost } from "./lost-tables.ts";
import { LOOK_EVERY_MS } from "./stream-backend.ts";

/** A dead supervisor's jobs are redelivered within the sum of these two. */
const LOCK_MS = 6_000;
const STALLED_EVERY_MS = 2_000;
/** Handlers see how often a job was delivered and end it long before the queue would drop it. */
const MAX_STALLED = 100;
/** Pause before a worker that failed is opened again. */
const REOPEN_MS = 500;
/** For a worker to say that the last job has ended, and to close its connections. */
const CLOSE_MS = 3_000;

interface ConsumeRequest {
  readonly backend: Backend;
  readonly logger: Logger;
  readonly queue: string;
  readonly options: ConsumeOptions;
  readonly handler: (job: TakenJob) => Promise<void>;
  /** How many jobs wait on the queue; may reject. */
  waiting(): Promise<number>;
}

/** Keeps a BullMQ worker open for `queue`, and another when it goes wrong, until the consumer is closed. */
export function consume(request: ConsumeRequest): Consumer {
  const keeper = new WorkerKeeper(request);
  keeper.open();
  return keeper;
}

/**
 * BullMQ's PostgreSQL backend remembers for ever that its first connection failed, and its worker
 * then retries without yielding to the event loop (seen with 6.7.0). So a worker runs only once it
 * is ready, and one that only fails is replaced.
 */
class WorkerKeeper implements Consumer {
  readonly #request: ConsumeRequest;
  readonly #logger: Logger;
  readonly #outage: OutageLog;
  readonly #retired = new Set<Promise<void>>();
  readonly #running = new Set<Promise<void>>();
  readonly #deafWatch: DeafWatch;
  #worker: BackendWorker | undefined;
  #opening: Promise<void> = Promise.resolve();
  #paused = false;
  #concurrency: number;
  readonly #closing = new AbortController();

  constructor(request: ConsumeRequest) {
    this.#request = request;
    this.#concurrency = request.options.concurrency;
    this.#logger = request.logger.child({ queue: request.queue });
    this.#outage = new OutageLog(this.#logger, "queue");
    this.#deafWatch = new DeafWatch({
      concurrency: request.options.concurrency,
      waiting: () => request.waiting(),
      onDeaf: () => this.#replace("the queue's worker takes nothing, opening another"),
    });
  }

  open(): void {
    this.#opening = this.#openUntilReady();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    this.#deafWatch.paused = true;
    await this.#worker?.pause(true);
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#deafWatch.paused = false;
    this.#worker?.resume();
  }

  limit(concurrency: number): void {
    this.#concurrency = concurrency;
    this.#deafWatch.concurrency = concurrency;
    if (this.#worker !== undefined) this.#worker.concurrency = concurrency;
  }

  async close(): Promise<void> {
    this.#closing.abort();
    this.#deafWatch.close();
    await this.#opening;
    if (this.#worker !== undefined) await this.#end(this.#worker);
    await Promise.all(this.#retired);
  }

  async #openUntilReady(): Promise<void> {
    while (!this.#closing.signal.aborted) {
      const worker = this.#create();
      try {
        await this.#orClosing(worker.waitUntilReady());
        this.#worker = worker;
        worker.concurrency = this.#concurrency;
        if (this.#paused) await worker.pause(true);
        void worker.run().catch((error: unknown) => this.#outage.failed(error));
        return;
      } catch (error) {
        if (!this.#closing.signal.aborted) this.#outage.failed(error);
        this.#retire(worker);
        await delay(REOPEN_MS, undefined, { signal: this.#closing.signal }).catch(() => {});
      }
    }
  }

  /** `work`, unless the consumer is closed first: a queue that is down must not hold up the end. */
  async #orClosing(work: Promise<unknown>): Promise<void> {
    const { promise: closing, reject } = Promise.withResolvers<never>();
    const { signal } = this.#closing;
    const onAbort = () => reject(new Error("the consumer is closed"));
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      await Promise.race([work, closing]);
    } finally {
      signal.removeEventListener("abort", onAbort);
    }
  }

  #create(): BackendWorker {
    const { backend, options, queue } = this.#request;
    const worker = backend.worker(queue, (job: Job) => this.#handle(job), {
      autorun: false,
      concurrency: this.#concurrency,
      lockDuration: options.lockMs ?? LOCK_MS,
      stalledInterval: options.stalledEveryMs ?? STALLED_EVERY_MS,
      maxStalledCount: MAX_STALLED,
      drainDelay: LOOK_EVERY_MS / 1_000,
      runRetryDelay: REOPEN_MS,
    });
    const storm = new ErrorStorm();
    worker.on("error", (error) => {
      // A connection that breaks while it is being closed is not an outage.
      if (worker.closing !== undefined) return;
      this.#outage.failed(error);
      if (worker === this.#worker && (storm.add(Date.now()) || areTablesLost(error))) {
        this.#replace("the queue's worker only fails, opening another");
      }
    });
    worker.on("failed", (job, error) =>
      this.#logger.warn({ err: error, job: job?.id }, "job failed"),
    );
    worker.on("stalled", (job) => this.#logger.warn({ job }, "job handed on from a lost consumer"));
    return worker;
  }

  async #handle(job: Job): Promise<void> {
    const running = this.#request.handler({
      id: job.id ?? "",
      data: job.data,
      deliveries: Math.max(1, job.attemptsStarted),
    });
    const ended = this.#deafWatch.taken();
    this.#running.add(running);
    try {
      await running;
    } finally {
      ended();
      this.#running.delete(running);
    }
  }

  #replace(reason: string): void {
    const worker = this.#worker;
    if (worker === undefined || this.#closing.signal.aborted) return;
    this.#worker = undefined;
    this.#logger.warn(reason);
    this.#retire(worker);
    this.#opening = delay(REOPEN_MS).then(() => this.#openUntilReady());
  }

  /**
   * Closes a worker once its jobs have ended. One whose connection was lost while it waited for
   * jobs never reports that it is closed (BullMQ 6.7, Redis that refused for seconds): it is
   * abandoned.
   */
  async #end(worker: BackendWorker): Promise<void> {
    const patience = new AbortController();
    const late = Promise.allSettled(this.#running).then(() =>
      delay(CLOSE_MS, "late" as const, { signal: patience.signal }),
    );
    const outcome = await Promise.race([worker.close(), late]);
    patience.abort();
    late.catch(() => {});
    if (outcome !== "late") return;
    this.#logger.warn("a worker does not close, its connection is cut");
    // It waits for that connection too.
    worker.disconnect().catch((error: unknown) => this.#outage.failed(error));
  }

  /** Lets the worker's running jobs finish while its successor works. */
  #retire(worker: BackendWorker): void {
    const closed = this.#end(worker).catch((error: unknown) => this.#outage.failed(error));
    this.#retired.add(closed);
    void closed.then(() => this.#retired.delete(closed));
  }
}

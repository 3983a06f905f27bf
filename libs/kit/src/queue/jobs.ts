/** A job to be put on a queue. The same id again is a no-op while the job is kept. */
export interface NewJob {
  readonly id: string;
  /** JSON of opaque ids, at most `MAX_JOB_PAYLOAD_BYTES` long (invariant 4). */
  readonly data: object;
  /** Goes ahead of waiting jobs; false by default. */
  readonly first?: boolean;
}

/** A job as a handler sees it; `data` is not yet checked against its schema. */
export interface TakenJob {
  readonly id: string;
  readonly data: unknown;
  /** Deliveries of the job, including this one: more than 1 after a lost worker. */
  readonly deliveries: number;
}

/** A job on a queue; `data` is not checked. */
export type WaitingJob = Pick<TakenJob, "id" | "data">;

export type JobPresence = "waiting" | "active" | "missing";

/** The ids of all jobs on a queue, waiting and held. */
export interface ListedJobs {
  readonly waiting: ReadonlySet<string>;
  readonly active: ReadonlySet<string>;
}

export interface ConsumeOptions {
  /** Handlers that may run at the same time in this process. */
  readonly concurrency: number;
  /** A job whose consumer has not renewed its lock for this long goes to another. */
  readonly lockMs?: number;
  /** How often consumers look for such jobs. */
  readonly stalledEveryMs?: number;
}

/**
 * Takes jobs until closed. A handler that resolves completes the job, one that rejects fails it;
 * either way the job leaves the queue. Retries are decided in Postgres.
 */
export interface Consumer {
  /** Takes no new jobs; running handlers continue. */
  pause(): Promise<void>;
  resume(): void;
  /** From now on at most this many handlers run at once; those that are running continue. */
  limit(concurrency: number): void;
  /** Takes no new jobs and resolves once the running handlers have ended. */
  close(): Promise<void>;
}

/** Queues of jobs: a hot window that may be lost as a whole without losing work (invariant 2). */
export interface Jobs {
  /** Puts jobs on a queue; rejects within seconds when the queue does not answer. */
  add(queue: string, jobs: readonly NewJob[]): Promise<void>;
  consume(
    queue: string,
    options: ConsumeOptions,
    handler: (job: TakenJob) => Promise<void>,
  ): Consumer;
  counts(queue: string): Promise<{ waiting: number; active: number }>;
  /**
   * All jobs on a queue, at the cost of reading it once. The two sets are not one snapshot: a job
   * that was handed back in between is in neither, so check `states` before calling one lost.
   */
  listed(queue: string): Promise<ListedJobs>;
  /** Presence of each id, in their order: a command each, and each searches the queue. */
  states(queue: string, ids: readonly string[]): Promise<JobPresence[]>;
  /** Waiting jobs added before `addedBefore` (epoch milliseconds), oldest first. */
  waitingSince(queue: string, addedBefore: number, limit: number): Promise<WaitingJob[]>;
  /** Removes a waiting job. Returns false when it is running or gone. */
  remove(queue: string, id: string): Promise<boolean>;
}

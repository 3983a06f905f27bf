/** A job to be put on a queue. The same id again is a no-op while the job is kept. */
export interface NewJob {
  readonly id: string;
  /** JSON of opaque ids, at most `MAX_JOB_PAYLOAD_BYTES` long (invariant 4). */
  readonly data: object;
  /** Goes before what waits already; false by default. */
  readonly first?: boolean;
}

/** A job as a handler sees it; `data` is not yet checked against its schema. */
export interface TakenJob {
  readonly id: string;
  readonly data: unknown;
  /** How often the job was handed out, this time included: more than 1 after a lost worker. */
  readonly deliveries: number;
}

/** A job on a queue; `data` is not checked. */
export type WaitingJob = Pick<TakenJob, "id" | "data">;

export type JobPresence = "waiting" | "active" | "missing";

/** The ids of everything on a queue, by whether somebody holds it. */
export interface ListedJobs {
  readonly waiting: ReadonlySet<string>;
  readonly active: ReadonlySet<string>;
}

export interface ConsumeOptions {
  /** Handlers that may run at the same time in this process. */
  readonly concurrency: number;
  /** A job whose consumer did not renew its lock for this long is handed to another. */
  readonly lockMs?: number;
  /** How often consumers look for such jobs. */
  readonly stalledEveryMs?: number;
}

/**
 * Takes jobs until closed. A handler that resolves completes the job, one that rejects fails it;
 * either way the job leaves the queue. Whether work is tried again is decided in Postgres.
 */
export interface Consumer {
  /** Takes no new jobs; what runs goes on. */
  pause(): Promise<void>;
  resume(): void;
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
   * Everything on a queue, at the cost of reading it once. The two sets are not of one moment: a
   * job that was handed back in between is in neither, so ask `states` before calling one lost.
   */
  listed(queue: string): Promise<ListedJobs>;
  /** Presence of each id, in their order: a command each, and each searches the queue. */
  states(queue: string, ids: readonly string[]): Promise<JobPresence[]>;
  /** Jobs that were not taken since `addedBefore` (epoch milliseconds), the oldest first. */
  waitingSince(queue: string, addedBefore: number, limit: number): Promise<WaitingJob[]>;
  /** Removes a job that was not taken; false when it runs or is gone. */
  remove(queue: string, id: string): Promise<boolean>;
}

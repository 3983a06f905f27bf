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

/** A message of a stream; `data` is not checked. */
export type Message = Pick<TakenJob, "id" | "data">;

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

export type ReadOptions = Pick<ConsumeOptions, "concurrency">;

/** Reads a stream until closed. */
export interface Reading {
  /** Takes no new messages and resolves once the running handlers have ended. */
  close(): Promise<void>;
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

/**
 * The queue as Axial needs it: a hot window of opaque jobs, and streams of messages on how they
 * ended, that may be lost as a whole without losing work (invariant 2). One contract over two
 * backends: jobs are BullMQ's, streams the backend's own (decision 17).
 */
export interface Queues {
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
  /** Jobs that nobody has taken since `addedBefore` (epoch milliseconds), the oldest first. */
  waitingSince(queue: string, addedBefore: number, limit: number): Promise<WaitingJob[]>;
  /** Ids of jobs that nobody has taken, the newest first. */
  waitingIds(queue: string, limit: number): Promise<string[]>;
  /** Removes a job that nobody has taken; false when it runs or is gone. */
  remove(queue: string, id: string): Promise<boolean>;
  /** Removes the jobs that nobody has taken since `addedBefore` (epoch milliseconds). */
  removeWaiting(queue: string, addedBefore: number): Promise<void>;
  /**
   * Appends messages to a stream, those that go first before all others; rejects within seconds
   * when it does not answer. Nobody looks whether an id is there already.
   */
  append(stream: string, messages: readonly NewJob[]): Promise<void>;
  /**
   * Reads a stream, with others that do. A handler that resolves removes the message, one that
   * rejects leaves it: it is handed out again within seconds, as are those of a lost reader.
   */
  read(stream: string, options: ReadOptions, handler: (message: Message) => Promise<void>): Reading;
  /** Ids of the messages of a stream that are not removed yet, at the cost of reading it once. */
  unsettled(stream: string): Promise<ReadonlySet<string>>;
  /** Rejects with a reason when the queue does not answer. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

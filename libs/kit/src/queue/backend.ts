import type { Job, Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { StreamBackend } from "./stream-backend.ts";

type PartialWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/** What Axial uses of BullMQ's queues and workers, which is the same over either backend. */
export type BackendQueue = Pick<
  Queue,
  | "add"
  | "addBulk"
  | "clean"
  | "close"
  | "getJobCounts"
  | "getJobState"
  | "getJobs"
  | "getRanges"
  | "remove"
  | "waitUntilReady"
> & { on(event: "error", listener: (error: Error) => void): unknown };

interface WorkerEvents {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "failed", listener: (job: Job | undefined, error: Error) => void): unknown;
  on(event: "stalled", listener: (jobId: string) => void): unknown;
}
export type BackendWorker = Pick<
  Worker,
  "close" | "closing" | "concurrency" | "disconnect" | "pause" | "resume" | "run" | "waitUntilReady"
> &
  WorkerEvents;

/** Constructors of BullMQ's classes over one backend, and its streams. */
export interface Backend {
  /** From this many jobs on, one bulk command is cheaper than a command for each. */
  readonly bulkFrom: number;
  queue(name: string): BackendQueue;
  worker(name: string, processor: Processor, options: PartialWorkerOptions): BackendWorker;
  readonly streams: StreamBackend;
  close(): Promise<void>;
}

/** Backlog and retries are in Postgres: the queue keeps nothing that has ended. */
export const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

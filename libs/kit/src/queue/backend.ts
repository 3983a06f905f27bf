import type { Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { StreamBackend } from "./stream-backend.ts";

type PartialWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/** Constructors of BullMQ's classes over one backend, and its streams. */
export interface Backend {
  /** From so many jobs on, one bulk command costs less than a command for each. */
  readonly bulkFrom: number;
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: PartialWorkerOptions): Worker;
  readonly streams: StreamBackend;
  close(): Promise<void>;
}

/** The backlog is in Postgres, and so are retries: the queue keeps nothing that has ended. */
export const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

import type { Processor, Queue, Worker, WorkerOptions } from "bullmq";
import type { StreamBackend } from "./stream-backend.ts";

type PartialWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/** Constructors of BullMQ's classes over one backend, and its streams. */
export interface Backend {
  /** From this many jobs on, one bulk command is cheaper than a command for each. */
  readonly bulkFrom: number;
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: PartialWorkerOptions): Worker;
  readonly streams: StreamBackend;
  close(): Promise<void>;
}

/** Backlog and retries are in Postgres: the queue keeps nothing that has ended. */
export const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

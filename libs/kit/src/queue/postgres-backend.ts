import { FORGET_LOST_HOSTS, KEEP_ALIVE } from "@axial/postgres";
import { Queue, Worker } from "bullmq";
import { type Backend, JOB_OPTIONS } from "./backend.ts";
import { bullmqOnPostgres } from "./bullmq-on-postgres.ts";
import { PostgresStreams } from "./postgres-streams.ts";

/** The queue's tables live beside Axial's, in a schema of their own. */
const SCHEMA = "axial_queue";
const POOL_SIZE = 4;
/** A server that starts, or a machine under load, takes its time. */
const CONNECT_TIMEOUT_MS = 10_000;

/**
 * The queue may be lost as a whole (invariant 2), so none of its many small commits waits for the
 * disk. That matters twice: PostgreSQL commits transactions that NOTIFY one after another.
 */
const NO_WAIT_FOR_DISK = "-c synchronous_commit=off";

/**
 * BullMQ 6.7 makes and drops two temporary tables for every bulk command: 2.7 ms of the server for
 * one job, where a plain insert takes 0.25 (measured; the two meet near sixteen).
 */
const BULK_FROM = 16;

export function postgresBackend(url: string): Backend {
  const connection = {
    connectionString: url,
    schema: SCHEMA,
    migrate: true,
    max: POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    ...KEEP_ALIVE,
    options: `${NO_WAIT_FOR_DISK} ${FORGET_LOST_HOSTS}`,
  };
  const bullmq = bullmqOnPostgres(url);
  const streams = new PostgresStreams(url, { schema: SCHEMA, settings: NO_WAIT_FOR_DISK });
  return {
    bulkFrom: BULK_FROM,
    streams,
    queue: (name) => new Queue(name, { connection, defaultJobOptions: JOB_OPTIONS }, bullmq),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection }, bullmq),
    close: () => streams.close(),
  };
}

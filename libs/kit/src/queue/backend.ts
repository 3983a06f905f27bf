import { createPostgresBackend, type Processor, Queue, Worker, type WorkerOptions } from "bullmq";
import { Redis } from "ioredis";

/** BullMQ's own tables live beside Axial's, in a schema of their own. */
const POSTGRES_SCHEMA = "axial_queue";
/** The braces make Redis Cluster keep all keys of Axial in one slot. */
const REDIS_PREFIX = "{axial}";
/** Nobody reads the event streams of our queues; BullMQ insists on writing them. */
const REDIS_EVENTS_KEPT = 100;
const POSTGRES_POOL_SIZE = 4;
/** A server that starts, or a machine under load, takes its time. */
const CONNECT_TIMEOUT_MS = 10_000;

type PartialWorkerOptions = Omit<WorkerOptions, "connection" | "prefix">;

/** Constructors of BullMQ's classes over one backend. */
export interface Backend {
  /** From so many jobs on, one bulk command costs less than a command for each. */
  readonly bulkFrom: number;
  queue(name: string): Queue;
  worker(name: string, processor: Processor, options: PartialWorkerOptions): Worker;
  close(): Promise<void>;
}

/** The backend that the scheme of `url` names: redis(s):// or postgres(ql)://. */
export function openBackend(url: string): Backend {
  const { protocol } = new URL(url);
  if (protocol === "redis:" || protocol === "rediss:") return redisBackend(url);
  if (protocol === "postgres:" || protocol === "postgresql:") return postgresBackend(url);
  throw new Error(`AXIAL_QUEUE_URL: ${protocol} is neither redis: nor postgres:`);
}

const JOB_OPTIONS = { removeOnComplete: true, removeOnFail: true, attempts: 1 };

function redisBackend(url: string): Backend {
  // Producers fail fast; consumers wait for Redis to come back (BullMQ demands null there).
  const producer = new Redis(url, { maxRetriesPerRequest: 1, retryStrategy: reconnectDelay });
  producer.on("error", () => {
    // Each failing command rejects on its own, and is logged there once per outage.
  });
  const consumerConnection = redisOptions(url);
  return {
    bulkFrom: 2,
    queue: (name) =>
      new Queue(name, {
        connection: producer,
        prefix: REDIS_PREFIX,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: REDIS_EVENTS_KEPT } },
        skipWaitingForReady: true,
      }),
    worker: (name, processor, options) =>
      new Worker(name, processor, {
        ...options,
        connection: consumerConnection,
        prefix: REDIS_PREFIX,
      }),
    close: async () => producer.disconnect(),
  };
}

function redisOptions(url: string) {
  const { hostname, port, username, password, pathname, protocol } = new URL(url);
  return {
    host: hostname,
    port: port === "" ? 6379 : Number(port),
    db: pathname.length > 1 ? Number(pathname.slice(1)) : 0,
    ...(username === "" ? {} : { username: decodeURIComponent(username) }),
    ...(password === "" ? {} : { password: decodeURIComponent(password) }),
    ...(protocol === "rediss:" ? { tls: {} } : {}),
    maxRetriesPerRequest: null,
    retryStrategy: reconnectDelay,
  };
}

/** Milliseconds before connection attempt `times`: quick at first, a second at most. */
function reconnectDelay(times: number): number {
  return Math.min(50 * times, 1_000);
}

/**
 * The queue may be lost as a whole (invariant 2), so none of its many small commits waits for the
 * disk. That matters twice: PostgreSQL commits transactions that NOTIFY one after another.
 */
const NO_WAIT_FOR_DISK = "-c synchronous_commit=off";

/**
 * BullMQ 6.7 makes and drops two temporary tables for every bulk command: 2.7 ms of the server for
 * one job, where a plain insert takes 0.25 (measured; the two meet near sixteen).
 */
const POSTGRES_BULK_FROM = 16;

function postgresBackend(url: string): Backend {
  const connection = {
    connectionString: url,
    schema: POSTGRES_SCHEMA,
    migrate: true,
    max: POSTGRES_POOL_SIZE,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    options: NO_WAIT_FOR_DISK,
  };
  return {
    bulkFrom: POSTGRES_BULK_FROM,
    queue: (name) =>
      new Queue(
        name,
        { connection, defaultJobOptions: JOB_OPTIONS },
        createPostgresBackend,
      ) as unknown as Queue,
    worker: (name, processor, options) =>
      new Worker(
        name,
        processor,
        { ...options, connection },
        createPostgresBackend,
      ) as unknown as Worker,
    close: async () => {},
  };
}

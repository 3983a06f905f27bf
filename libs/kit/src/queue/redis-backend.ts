import { type ConnectionOptions, Queue, Worker } from "bullmq";
import { Cluster, Redis } from "ioredis";
import { type Backend, JOB_OPTIONS } from "./backend.ts";
import { type RedisAddress, redisAddress } from "./redis-address.ts";

/** The braces make Redis Cluster keep all keys of Axial in one slot. */
const PREFIX = "{axial}";
/** Nobody reads the event streams of our queues; BullMQ insists on writing them. */
const EVENTS_KEPT = 100;

/** BullMQ on one Redis, on whichever Redis the sentinels call master, or on a cluster. */
export function redisBackend(url: string): Backend {
  const address = redisAddress(url);
  // Producers fail fast; consumers wait for Redis to come back (BullMQ demands null there).
  const producer = connect(address, { maxRetriesPerRequest: 1 });
  const consumer = consumerConnection(address);
  return {
    bulkFrom: 2,
    queue: (name) =>
      new Queue(name, {
        connection: producer,
        prefix: PREFIX,
        defaultJobOptions: JOB_OPTIONS,
        streams: { events: { maxLen: EVENTS_KEPT } },
        skipWaitingForReady: true,
      }),
    worker: (name, processor, options) =>
      new Worker(name, processor, { ...options, connection: consumer, prefix: PREFIX }),
    close: async () => {
      producer.disconnect();
      if (consumer instanceof Cluster) consumer.disconnect();
    },
  };
}

/** How often a command is tried again before it fails; null for as long as it takes. */
interface Patience {
  readonly maxRetriesPerRequest: number | null;
}

/** Options, from which BullMQ makes a connection for each worker; it cannot make a cluster's. */
function consumerConnection(address: RedisAddress): ConnectionOptions {
  const patient = { maxRetriesPerRequest: null };
  if (address.kind === "cluster") return connect(address, patient);
  return { ...address.options, ...patient, retryStrategy: reconnectDelay };
}

function connect(address: RedisAddress, patience: Patience): Redis | Cluster {
  const connection =
    address.kind === "cluster"
      ? new Cluster([...address.nodes], {
          clusterRetryStrategy: reconnectDelay,
          redisOptions: { ...address.options, ...patience },
        })
      : new Redis({ ...address.options, ...patience, retryStrategy: reconnectDelay });
  connection.on("error", () => {
    // Each failing command rejects on its own, and is logged there once per outage.
  });
  return connection;
}

/** Milliseconds before connection attempt `times`: quick at first, a second at most. */
function reconnectDelay(times: number): number {
  return Math.min(50 * times, 1_000);
}

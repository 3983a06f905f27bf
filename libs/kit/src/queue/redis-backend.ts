import { type ConnectionOptions, Queue, Worker } from "bullmq";
import { Cluster, Redis } from "ioredis";
import { type Backend, JOB_OPTIONS } from "./backend.ts";
import { type RedisAddress, redisAddress } from "./redis-address.ts";
import { RedisStreams } from "./redis-streams.ts";
import { LOOK_EVERY_MS } from "./stream-backend.ts";

/** The braces make Redis Cluster keep all keys of Axial in one slot. */
const PREFIX = "{axial}";
/** A producer's command that has been silent for this long is lost with its connection. */
const PRODUCER_SILENCE_MS = 5_000;
/** The same of a consumer, whose longest command waits for a job or a message. */
const CONSUMER_SILENCE_MS = LOOK_EVERY_MS + PRODUCER_SILENCE_MS;
/** Retried at once: a packet lost in a network cut would take TCP longer. */
const CONNECT_TIMEOUT_MS = 3_000;
/** The event streams of our queues are never read, but BullMQ always writes them. */
const EVENTS_KEPT = 100;

/** BullMQ on one Redis, on whichever Redis the sentinels call master, or on a cluster. */
export function redisBackend(url: string): Backend {
  const address = redisAddress(url);
  const producer = connect(address, {
    maxRetriesPerRequest: 1,
    socketTimeout: PRODUCER_SILENCE_MS,
  });
  const consumer = consumerConnection(address);
  return {
    bulkFrom: 2,
    streams: new RedisStreams({
      connection: producer,
      connectWaiting: () => connect(address, CONSUMER),
      prefix: PREFIX,
    }),
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

/** Consumers wait for Redis to come back as well (BullMQ requires null). */
const CONSUMER: Patience = { maxRetriesPerRequest: null, socketTimeout: CONSUMER_SILENCE_MS };

/** Retries of a command before it fails; null means without limit. */
interface Patience {
  readonly maxRetriesPerRequest: number | null;
  /** A connection that is silent for this many milliseconds during a command is reopened. */
  readonly socketTimeout: number;
}

/** Options, from which BullMQ makes a connection for each worker; it cannot make a cluster's. */
function consumerConnection(address: RedisAddress): ConnectionOptions {
  if (address.kind === "cluster") return connect(address, CONSUMER);
  return {
    ...address.options,
    ...CONSUMER,
    connectTimeout: CONNECT_TIMEOUT_MS,
    retryStrategy: reconnectDelay,
  };
}

function connect(address: RedisAddress, patience: Patience): Redis | Cluster {
  const connection =
    address.kind === "cluster"
      ? new Cluster([...address.nodes], {
          clusterRetryStrategy: reconnectDelay,
          redisOptions: { ...address.options, ...patience, connectTimeout: CONNECT_TIMEOUT_MS },
        })
      : new Redis({
          ...address.options,
          ...patience,
          connectTimeout: CONNECT_TIMEOUT_MS,
          retryStrategy: reconnectDelay,
        });
  connection.on("error", () => {
    // Each failing command rejects on its own, and is logged there once per outage.
  });
  return connection;
}

/** Milliseconds before connection attempt `times`: quick at first, a second at most. */
function reconnectDelay(times: number): number {
  return Math.min(50 * times, 1_000);
}

import type { Logger } from "../log.ts";
import { OutageLog } from "../outage.ts";
import { answered } from "./answered.ts";
import type { Backend } from "./backend.ts";
import { BullmqJobs } from "./bullmq-jobs.ts";
import type { Jobs } from "./jobs.ts";
import { postgresBackend } from "./postgres-backend.ts";
import { QueueHandles } from "./queue-handles.ts";
import { isRedisAddress } from "./redis-address.ts";
import { redisBackend } from "./redis-backend.ts";
import type { QueueMemory } from "./stream-backend.ts";
import { BackendStreams, type Streams } from "./streams.ts";
import { BullmqWithdrawals, type WithdrawalList } from "./withdrawals.ts";

/**
 * The queue as Axial needs it, behind one address: what is to be done, how it ended, and what is
 * no longer wanted. One contract over two backends: jobs and withdrawals are BullMQ's, streams
 * the backend's own (decision 17).
 */
export interface Queues {
  readonly jobs: Jobs;
  readonly streams: Streams;
  readonly withdrawals: WithdrawalList;
  /** Rejects with a reason when the queue does not answer, or does not take writes. */
  ping(): Promise<void>;
  /** Null for a queue that is not kept in memory. */
  memory(): Promise<QueueMemory | null>;
  /** Closes consumers and readings first: they resolve once what runs has ended. */
  close(): Promise<void>;
}

/** The queues behind `url` (redis://… or postgres://…); connects when first used. */
export function openQueues(url: string, { logger }: { readonly logger: Logger }): Queues {
  const backend = openBackend(url);
  const handles = new QueueHandles(backend, new OutageLog(logger, "queue"));
  const jobs = new BullmqJobs({ backend, handles, logger });
  const streams = new BackendStreams(backend.streams, logger);
  return {
    jobs,
    streams,
    withdrawals: new BullmqWithdrawals(handles, jobs),
    ping: () => answered(backend.streams.ping()),
    memory: () => answered(backend.streams.memory()),
    close: async () => {
      await Promise.all([jobs.close(), streams.close()]);
      await handles.close();
      await backend.close();
    },
  };
}

/** The backend that the scheme of `url` names: redis(s)(+sentinel|+cluster):// or postgres(ql)://. */
export function openBackend(url: string): Backend {
  if (isRedisAddress(url)) return redisBackend(url);
  if (/^postgres(ql)?:\/\//.test(url)) return postgresBackend(url);
  throw new Error("AXIAL_QUEUE_URL: neither an address of a Redis nor of a PostgreSQL");
}

import type { LocalPostgres } from "@axial/local-postgres";
import { redisAvailability, startRedis } from "@axial/testkit";
import { cpuOfTree } from "../pipeline/cpu-of-tree.ts";

export type QueueKind = "redis" | "postgres";

/** Where the jobs are kept. */
export interface QueueServer {
  readonly kind: QueueKind;
  readonly url: string;
  /** CPU seconds of a server of its own; on Postgres they are among Postgres' own. */
  cpu(): Promise<number>;
  stop(): Promise<void>;
}

/** The queue backends available here, Redis first. */
export function queueKinds(): QueueKind[] {
  return redisAvailability().available ? ["redis", "postgres"] : ["postgres"];
}

/** A Redis of its own, or the `database` of `postgres`. */
export async function startQueueServer(
  kind: QueueKind,
  postgres: LocalPostgres,
  database = "queue",
): Promise<QueueServer> {
  if (kind === "redis") {
    const redis = await startRedis();
    return {
      kind,
      url: redis.url,
      cpu: async () => (redis.pid === undefined ? 0 : cpuOfTree(redis.pid)),
      stop: () => redis.stop(),
    };
  }
  return { kind, url: await postgres.database(database), cpu: async () => 0, stop: async () => {} };
}

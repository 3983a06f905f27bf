import { startPostgres } from "./postgres.ts";
import { redisAvailability, startRedis } from "./redis.ts";

export interface QueueBackend {
  readonly name: "postgres" | "redis";
  /** Why it cannot run here; a suite skips with this line. */
  readonly skip?: string;
  start(): Promise<{ url: string; stop(): Promise<void> }>;
}

/** Both BullMQ backends, for suites that must hold on either. */
export function queueBackends(): readonly QueueBackend[] {
  const redis = redisAvailability();
  return [
    {
      name: "postgres",
      start: async () => {
        const server = await startPostgres();
        return { url: await server.createDatabase(), stop: server.stop };
      },
    },
    {
      name: "redis",
      ...(redis.available ? {} : { skip: redis.reason }),
      start: startRedis,
    },
  ];
}

import { needs } from "./needs/needs.ts";
import { startPostgres } from "./postgres.ts";
import { startRedis } from "./redis.ts";

export interface QueueBackend {
  readonly name: "postgres" | "redis";
  /** Options of a suite on it, which is skipped where it cannot run. */
  readonly options: ReturnType<typeof needs>;
  start(): Promise<{ url: string; stop(): Promise<void> }>;
}

/** Both BullMQ backends, for suites that must hold on either. */
export function queueBackends(): readonly QueueBackend[] {
  return [
    {
      name: "postgres",
      options: {},
      start: async () => {
        const server = await startPostgres();
        return { url: await server.createDatabase(), stop: server.stop };
      },
    },
    {
      name: "redis",
      options: needs("redis"),
      start: startRedis,
    },
  ];
}

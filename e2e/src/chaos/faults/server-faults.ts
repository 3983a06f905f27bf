import { eventually } from "@axial/testkit";
import { query } from "../audit/query.ts";
import type { OneMachine } from "../stack/one-machine.ts";
import { redisCommand } from "../stack/servers.ts";
import type { Stack } from "../stack/stack.ts";
import type { NetworkState } from "../stack/tcp-proxy.ts";
import { type Fault, lasting } from "./fault.ts";

const DROPPED_WITHIN_MS = 60_000;

/** The whole queue is gone, with whatever held it: FLUSHALL, or the schema dropped. */
const queueLost: Fault = {
  kind: "queue-lost",
  inflict: async ({ stack }) => {
    if (stack.redis !== null) await redisCommand(stack.redis, "FLUSHALL");
    else await eventually("the queue is dropped", () => dropQueue(stack), DROPPED_WITHIN_MS);
  },
};

/** False when it deadlocked with a service and Postgres sided with the service. */
async function dropQueue({ databaseUrl }: Stack): Promise<boolean> {
  return query(databaseUrl, "DROP SCHEMA IF EXISTS axial_queue CASCADE").then(
    () => true,
    () => false,
  );
}

const redisKilled: Fault = {
  kind: "redis-killed",
  skip: ({ redis }) => (redis === null ? "the queue is in Postgres" : null),
  inflict: async ({ stack, random }) => {
    await stack.redis?.kill();
    await lasting(random, 1, 6);
    await stack.redis?.start();
  },
};

const postgresKilled: Fault = {
  kind: "postgres-killed",
  inflict: async ({ stack, random }) => {
    await stack.postgres.kill();
    await lasting(random, 1, 6);
    await stack.postgres.start();
  },
};

/** Connections break, and new ones are taken at once. */
const cut = (to: keyof OneMachine["network"]): Fault<OneMachine> => ({
  kind: `${to}-cut`,
  inflict: async ({ stack }) => stack.network[to].cut(),
});

/** The network to a server is in another state for a while. */
const network = (to: keyof OneMachine["network"], state: NetworkState): Fault<OneMachine> => ({
  kind: `${to}-${state}`,
  inflict: async ({ stack, random }) => {
    stack.network[to].become(state);
    await lasting(random, 2, 8);
    stack.network[to].become("open");
  },
});

const diskFull: Fault<OneMachine> = {
  kind: "disk-full",
  skip: ({ disk }) => disk.skip,
  inflict: async ({ stack, random }) => {
    await stack.disk.fill();
    await lasting(random, 3, 8);
    await stack.disk.relieve();
  },
};

export const SERVER_FAULTS: readonly Fault<OneMachine>[] = [
  queueLost,
  redisKilled,
  postgresKilled,
  ...(["database", "queue"] as const).flatMap((to) => [
    cut(to),
    network(to, "refusing"),
    network(to, "holding"),
    network(to, "slow"),
  ]),
  diskFull,
];

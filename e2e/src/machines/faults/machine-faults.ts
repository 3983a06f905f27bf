import { type Fault, lasting, oneOf } from "../../chaos/faults/fault.ts";
import { serving } from "../../chaos/faults/process-faults.ts";
import { SERVICES, type Service } from "../../chaos/stack/stack.ts";
import type { Machines, Role } from "../machines.ts";

/** From a cable that was touched to a switch that is started anew. */
const AWAY_SECONDS = [2, 20] as const;
const SLOW_SECONDS = [5, 12] as const;

const lacks = (role: Role) => (stack: Machines) =>
  stack.hosts[role].length === 0 ? "the queue is in Postgres" : null;

/** Nothing reaches one host for a while, and nothing leaves it. */
const cutOff = (role: Role): Fault<Machines> => ({
  kind: `${role}-cut-off`,
  skip: lacks(role),
  inflict: async ({ stack, random }) => {
    const host = oneOf(stack.hosts[role], random);
    await host.cutOff();
    await lasting(random, ...AWAY_SECONDS);
    await host.plugIn();
  },
});

/** All traffic of one host is delayed. */
const slow = (role: Role): Fault<Machines> => ({
  kind: `${role}-slow`,
  skip: lacks(role),
  inflict: async ({ stack, random }) => {
    const host = oneOf(stack.hosts[role], random);
    await host.slowDown();
    await lasting(random, ...SLOW_SECONDS);
    await host.speedUp();
  },
});

/** A server and all services of a kind lose each other, while both reach every other host. */
const parted = (server: "postgres" | "redis", service: Service): Fault<Machines> => ({
  kind: `${server}-parted-from-${service}`,
  skip: (stack) =>
    server === "postgres" && service === "worker" && stack.redis !== null
      ? "workers know Postgres only where the queue is in it"
      : lacks(server)(stack),
  inflict: async ({ stack, random }) => {
    const host = oneOf(stack.hosts[server], random);
    const others = [...stack.hosts[service]];
    await host.partFrom(others);
    await lasting(random, ...AWAY_SECONDS);
    await host.meetAgain(others);
  },
});

/** The power of a server's host goes; it comes back with its disk, and knows no connection. */
const serverRebooted = (server: "postgres" | "redis"): Fault<Machines> => ({
  kind: `${server}-rebooted`,
  skip: lacks(server),
  inflict: async ({ stack, random }) => {
    const host = oneOf(stack.hosts[server], random);
    await host.vanish();
    await lasting(random, 1, 6);
    await host.appear();
    await stack[server]?.start();
  },
});

/** The same with a service, which starts again as soon as it finds its host. */
const serviceRebooted = (service: Service): Fault<Machines> => ({
  kind: `${service}-rebooted`,
  inflict: async ({ stack, random }) => {
    const host = oneOf(stack.hosts[service], random);
    await host.vanish();
    await lasting(random, 1, 6);
    await host.appear();
    await serving(stack.services[service]);
  },
});

const workerReplaced: Fault<Machines> = {
  kind: "worker-replaced",
  inflict: async ({ stack, random }) => {
    await stack.replaceWorker(oneOf(stack.hosts.worker, random));
    await serving(stack.services.worker);
  },
};

const SERVERS = ["postgres", "redis"] as const;

export const MACHINE_FAULTS: readonly Fault<Machines>[] = [
  ...[...SERVICES, ...SERVERS].flatMap((role) => [cutOff(role), slow(role)]),
  ...SERVICES.map((service) => parted("redis", service)),
  ...SERVICES.map((service) => parted("postgres", service)),
  ...SERVERS.map(serverRebooted),
  ...SERVICES.map(serviceRebooted),
  workerReplaced,
];

import { isAlive } from "../../child-processes.ts";
import { SERVICES, type Service } from "../stack/stack.ts";
import { type Fault, lasting, oneOf } from "./fault.ts";

/** Longer than a supervisor's lock on its jobs (6 s), and than the engine's watchdog waits (10 s). */
const STOPPED_SECONDS = { gateway: [2, 9], worker: [7, 11], results: [2, 9] } as const;
const STOPPED_ENGINE_SECONDS = [2, 14] as const;

/** SIGKILL: one of its processes, or all of them at once. */
const kill = (service: Service): Fault => ({
  kind: `kill-${service}`,
  inflict: async ({ stack, random }) => {
    const processes = stack.services[service];
    const killed = random() < 0.5 ? processes : [oneOf(processes, random)];
    await Promise.all(killed.map((one) => one.end("SIGKILL")));
  },
});

/** SIGTERM, as a rollout does it: what runs is finished first. */
const restart = (service: Service): Fault => ({
  kind: `restart-${service}`,
  inflict: async ({ stack, random }) => oneOf(stack.services[service], random).end("SIGTERM"),
});

/** SIGSTOP, and SIGCONT after a while: a process that does not know how long it was away. */
const stop = (service: Service): Fault => ({
  kind: `stop-${service}`,
  inflict: async ({ stack, random }) => {
    const stopped = oneOf(stack.services[service], random);
    const [least, most] = STOPPED_SECONDS[service];
    stopped.signal("SIGSTOP");
    await lasting(random, least, most);
    stopped.signal("SIGCONT");
  },
});

const killEngine: Fault = {
  kind: "kill-engine",
  inflict: async ({ stack, random }) => {
    for (const engine of oneOf(stack.services.worker, random).children) signal(engine, "SIGKILL");
  },
};

const stopEngine: Fault = {
  kind: "stop-engine",
  inflict: async ({ stack, random }) => {
    const engines = oneOf(stack.services.worker, random).children;
    const [least, most] = STOPPED_ENGINE_SECONDS;
    for (const engine of engines) signal(engine, "SIGSTOP");
    await lasting(random, least, most);
    for (const engine of engines) signal(engine, "SIGCONT");
  },
};

function signal(pid: number, name: NodeJS.Signals): void {
  if (isAlive(pid)) process.kill(pid, name);
}

/** Everything at once, as when the power goes: services and servers. */
const powerCut: Fault = {
  kind: "power-cut",
  inflict: async ({ stack, random }) => {
    const services = Object.values(stack.services).flat();
    const respawned = services.map((one) => one.end("SIGKILL"));
    await Promise.all([stack.postgres.kill(), stack.redis?.kill()]);
    await lasting(random, 1, 3);
    await Promise.all([stack.postgres.start(), stack.redis?.start()]);
    await Promise.all(respawned);
  },
};

export const PROCESS_FAULTS: readonly Fault[] = [
  ...SERVICES.flatMap((service) => [kill(service), restart(service), stop(service)]),
  killEngine,
  stopEngine,
  powerCut,
];

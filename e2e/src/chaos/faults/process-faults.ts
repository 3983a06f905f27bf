import { eventually } from "@axial/testkit";
import { isAlive } from "../../child-processes.ts";
import type { KeptProcess } from "../stack/kept-process.ts";
import { SERVICES, type Service } from "../stack/stack.ts";
import { type Fault, lasting, oneOf } from "./fault.ts";

/** Longer than a supervisor's lock on its jobs (6 s); an engine's watchdog kills it after 10 s. */
const STOPPED_SECONDS = {
  gateway: [2, 9],
  archive: [2, 9],
  worker: [7, 11],
  results: [2, 9],
} as const;
const STOPPED_ENGINE_SECONDS = [2, 14] as const;

/** On a loaded machine a process takes its time to start. */
const STARTS_WITHIN_MS = 120_000;

/** SIGKILL: one of its processes, or all of them at once. */
const kill = (service: Service): Fault => ({
  kind: `kill-${service}`,
  inflict: async ({ stack, random }) => {
    const processes = stack.services[service];
    const killed = random() < 0.5 ? processes : [oneOf(processes, random)];
    await Promise.all(killed.map((one) => one.end("SIGKILL")));
    await serving(killed);
  },
});

/** SIGTERM, as a rollout does it: what runs is finished first. */
const restart = (service: Service): Fault => ({
  kind: `restart-${service}`,
  inflict: async ({ stack, random }) => {
    const ended = oneOf(stack.services[service], random);
    await ended.end("SIGTERM");
    await serving([ended]);
  },
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
    const worker = oneOf(stack.services.worker, random);
    for (const engine of worker.children) signal(engine, "SIGKILL");
    await eventually("the worker knows", async () => !(await worker.isReady()), STARTS_WITHIN_MS);
    await serving([worker]);
  },
};

const stopEngine: Fault = {
  kind: "stop-engine",
  inflict: async ({ stack, random }) => {
    const worker = oneOf(stack.services.worker, random);
    const engines = worker.children;
    const [least, most] = STOPPED_ENGINE_SECONDS;
    for (const engine of engines) signal(engine, "SIGSTOP");
    await lasting(random, least, most);
    for (const engine of engines) signal(engine, "SIGCONT");
    await serving([worker]);
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
    await serving(services);
  },
};

/** Resolves when they serve again. One that never does is found by the recovery. */
export async function serving(processes: readonly KeptProcess[]): Promise<void> {
  const serve = async () =>
    (await Promise.all(processes.map((one) => one.isReady()))).every(Boolean);
  await eventually("they serve again", serve, STARTS_WITHIN_MS).catch(() => {});
}

export const PROCESS_FAULTS: readonly Fault[] = [
  ...SERVICES.flatMap((service) => [kill(service), restart(service), stop(service)]),
  killEngine,
  stopEngine,
  powerCut,
];

import { setTimeout as delay } from "node:timers/promises";
import { eventually } from "@axial/testkit";
import { type Compose, docker } from "./compose.ts";

const READY_WITHIN_MS = 180_000;
/** Long enough that its clients notice. */
const DOWN_MS = 3_000;

/** Ends one of the service's containers at once, and starts it again. */
export async function crash(compose: Compose, service: string): Promise<void> {
  const [container] = await compose.containers(service);
  if (container === undefined) throw new Error(`${service} does not run`);
  await docker("kill", container);
  await delay(DOWN_MS);
  await docker("start", container);
  await healthy(compose, service);
}

/** Stops one of the service's containers gracefully, for good. Returns its exit code. */
export async function stopOne(compose: Compose, service: string): Promise<number> {
  const [container] = await compose.containers(service);
  if (container === undefined) throw new Error(`${service} does not run`);
  // As compose.yaml's stop_grace_period.
  await docker("stop", "--time", "40", container);
  return Number(await docker("inspect", "--format", "{{.State.ExitCode}}", container));
}

/** Resolves when every running container of the service is healthy. */
export async function healthy(compose: Compose, service: string): Promise<void> {
  const isHealthy = async () => {
    const containers = await compose.inspect(service);
    return containers.every(({ State }) => State.Health?.Status === "healthy");
  };
  await eventually(`${service} is healthy`, isHealthy, READY_WITHIN_MS);
}

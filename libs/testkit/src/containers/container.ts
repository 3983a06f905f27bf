import type { StartedTestContainer } from "testcontainers";
import { composeImage } from "./compose-image.ts";
import { RUN_LABEL, removeLeftovers } from "./leftovers.ts";

interface ContainerOptions {
  /** As docker/compose.yaml names it, without the tag. */
  readonly image: string;
  /** On which the server listens inside. */
  readonly port: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** Empty folders in memory that vanish with the container. */
  readonly volumes?: readonly string[];
  readonly command: readonly string[];
}

export interface Container {
  /** `127.0.0.1:port`: Docker's proxy accepts there before the server inside does. */
  readonly address: string;
  /** Of the server, on this machine. */
  readonly pid: number;
  running(): Promise<boolean>;
  stop(): Promise<void>;
}

/** Whether tests start their servers in containers instead of on this machine. */
export function containersWanted(): boolean {
  return process.env.AXIAL_TEST_CONTAINERS === "1";
}

/**
 * One of the cluster's servers in a container, on a free port. Testcontainers' reaper removes it
 * when this process is killed; where the reaper's image cannot be pulled
 * (`TESTCONTAINERS_RYUK_DISABLED=true`), the next run removes what a dead one left.
 */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  // Loaded here: it is large, and only these tests need it.
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import("testcontainers");
  const { port, environment = {}, volumes = [], command } = options;
  const client = await getContainerRuntimeClient();
  await removeLeftovers(client.container.dockerode);
  const started = await new GenericContainer(composeImage(options.image))
    .withExposedPorts(port)
    .withEnvironment(environment)
    .withTmpFs(Object.fromEntries(volumes.map((folder) => [folder, "rw,exec,mode=1777"])))
    .withLabels({ [RUN_LABEL]: String(process.pid) })
    .withCommand([...command])
    .withWaitStrategy(Wait.forListeningPorts())
    .start();
  const inspect = () => client.container.getById(started.getId()).inspect();
  return {
    address: addressOf(started, port),
    pid: (await inspect()).State.Pid,
    running: async () => (await inspect()).State.Running,
    stop: async () => {
      await started.stop({ remove: true, removeVolumes: true });
    },
  };
}

function addressOf(started: StartedTestContainer, port: number): string {
  const host = started.getHost() === "localhost" ? "127.0.0.1" : started.getHost();
  return `${host}:${started.getMappedPort(port)}`;
}

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { composeImage } from "./compose-image.ts";

const run = promisify(execFile);

export interface ContainerOptions {
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

/** A server of the cluster in a container of its own, on a free port of the loopback interface. */
export async function startContainer(options: ContainerOptions): Promise<Container> {
  const { port, environment = {}, volumes = [], command } = options;
  const id = await docker(
    ...["run", "--detach", "--publish", `127.0.0.1::${port}`],
    ...Object.entries(environment).flatMap(([name, value]) => ["--env", `${name}=${value}`]),
    ...volumes.flatMap((folder) => ["--volume", folder]),
    composeImage(options.image),
    ...command,
  );
  const inspect = (field: string) => docker("inspect", "--format", `{{${field}}}`, id);
  return {
    address: await docker("port", id, `${port}/tcp`),
    pid: Number(await inspect(".State.Pid")),
    running: async () => (await inspect(".State.Running")) === "true",
    stop: async () => {
      await docker("rm", "--force", "--volumes", id);
    },
  };
}

async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", [...args]);
  return stdout.trim();
}

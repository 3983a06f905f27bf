import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const FILE = fileURLToPath(new URL("../../../docker/compose.yaml", import.meta.url));
const MAX_OUTPUT_BYTES = 1 << 28;

interface ComposeOptions {
  /** Names containers, networks and volumes, so that two stacks do not meet. */
  readonly project: string;
  /** Secrets and settings, as docker/.env holds them. */
  readonly envFile: string;
}

/** What `docker inspect` tells of a container, as far as it is looked at here. */
export interface Inspected {
  readonly Name: string;
  readonly Path: string;
  readonly Config: { readonly Image: string; readonly User: string };
  readonly HostConfig: {
    readonly ReadonlyRootfs: boolean;
    readonly CapDrop: readonly string[] | null;
    readonly SecurityOpt: readonly string[] | null;
  };
  readonly State: {
    readonly Status: string;
    readonly ExitCode: number;
    readonly Health?: { readonly Status: string };
  };
  readonly NetworkSettings: {
    readonly Networks: Readonly<Record<string, { readonly IPAddress: string }>>;
  };
}

/** docker/compose.yaml under a project name of its own. */
export class Compose {
  readonly #options: ComposeOptions;

  constructor(options: ComposeOptions) {
    this.#options = options;
  }

  /** `docker compose ARGS…`; resolves with stdout, rejects with what it wrote to stderr. */
  run(...args: readonly string[]): Promise<string> {
    const { project, envFile } = this.#options;
    const fixed = ["compose", "--project-name", project, "--env-file", envFile, "--file", FILE];
    return docker(...fixed, ...args);
  }

  /** Ids of the service's containers, those that ended included. */
  async containers(service: string): Promise<string[]> {
    return lines(await this.run("ps", "--all", "--quiet", service));
  }

  async inspect(service: string): Promise<Inspected[]> {
    const ids = await this.containers(service);
    if (ids.length === 0) return [];
    return JSON.parse(await docker("inspect", ...ids)) as Inspected[];
  }

  /** Brings the service to so many replicas without touching what runs. */
  async scale(service: string, replicas: number): Promise<void> {
    await this.run(
      "up",
      "--detach",
      "--no-recreate",
      "--no-deps",
      "--scale",
      `${service}=${replicas}`,
      service,
    );
  }

  /** `127.0.0.1:port` at which the service's container port is published. */
  published(service: string, port: number): Promise<string> {
    return this.run("port", service, String(port));
  }

  /** The service's address on one of its networks: this machine reaches internal ones too. */
  async address(service: string, network: string): Promise<string> {
    const [container] = await this.inspect(service);
    const joined = container?.NetworkSettings.Networks[`${this.#options.project}_${network}`];
    if (joined === undefined) throw new Error(`${service} is not on the network ${network}`);
    return joined.IPAddress;
  }
}

/** `docker ARGS…`; resolves with stdout, rejects with what it wrote to stderr. */
export async function docker(...args: readonly string[]): Promise<string> {
  const { stdout } = await run("docker", [...args], { maxBuffer: MAX_OUTPUT_BYTES });
  return stdout.trim();
}

export function lines(text: string): string[] {
  return text.split("\n").filter((line) => line !== "");
}

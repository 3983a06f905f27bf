import { fileURLToPath } from "node:url";
import { type CommandOptions, type CommandOutput, runCommand } from "./command.ts";

const SCRIPT = fileURLToPath(new URL("../../cluster/cluster.sh", import.meta.url));
const STANDARD_FOLDER = "/var/cache/axial-cluster";
/** Where the built programs are, by name and version, and a running cluster's state. */
export const CLUSTER_FOLDER = process.env.CLUSTER_DIR ?? STANDARD_FOLDER;

/** An object of Kubernetes, as far as it is read here. */
export interface KubernetesObject {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
    readonly deletionTimestamp?: string;
  };
  readonly spec?: Readonly<Record<string, unknown>>;
}

export interface Pod extends KubernetesObject {
  readonly spec: { readonly nodeName?: string };
  readonly status: {
    readonly phase: string;
    readonly podIP?: string;
    readonly reason?: string;
    readonly conditions?: readonly { readonly type: string; readonly status: string }[];
  };
}

/** The cluster of `e2e/cluster/cluster.sh`, by that script, kubectl and helm. */
export class Cluster {
  readonly #env: NodeJS.ProcessEnv;

  private constructor(env: NodeJS.ProcessEnv) {
    this.#env = env;
  }

  static async open(): Promise<Cluster> {
    const { stdout } = await runCommand(SCRIPT, ["path"]);
    return new Cluster({
      ...process.env,
      PATH: `${stdout.trim()}:${process.env.PATH}`,
      KUBECONFIG: `${CLUSTER_FOLDER}/state/admin.conf`,
    });
  }

  /** `cluster.sh ARGS…`. */
  async script(...args: readonly string[]): Promise<string> {
    return (await runCommand(SCRIPT, args)).stdout.trim();
  }

  /** `kubectl ARGS…`; its stdout. */
  async kubectl(...args: readonly string[]): Promise<string> {
    return (await this.run("kubectl", args)).stdout.trim();
  }

  helm(...args: readonly string[]): Promise<CommandOutput> {
    return this.run("helm", args);
  }

  run(program: string, args: readonly string[], options: CommandOptions = {}) {
    return runCommand(program, args, { ...options, env: this.#env });
  }

  /** Applies a manifest on the server: kubectl itself would fetch every schema of a busy API server. */
  apply(manifest: string, ...flags: readonly string[]): Promise<CommandOutput> {
    const command = ["apply", "--server-side", "--force-conflicts", ...flags, "--filename", "-"];
    return this.run("kubectl", command, { input: manifest });
  }

  /** `kubectl get ARGS… --output json`: a list's items, or the object. */
  async get<Result>(...args: readonly string[]): Promise<Result> {
    const answer = JSON.parse(await this.kubectl("get", ...args, "--output", "json"));
    return answer.kind?.endsWith("List") ? answer.items : answer;
  }

  /** The pods that a selector matches and that are not about to go. */
  async pods(namespace: string, selector: string): Promise<Pod[]> {
    const all = await this.get<Pod[]>("pods", "--namespace", namespace, "--selector", selector);
    return all.filter(({ metadata }) => metadata.deletionTimestamp === undefined);
  }
}

export function isReady({ status }: Pod): boolean {
  return (status.conditions ?? []).some((each) => each.type === "Ready" && each.status === "True");
}

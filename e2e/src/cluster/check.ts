import type { Cluster } from "./cluster.ts";

/** What every check works with. */
export interface Scene {
  readonly cluster: Cluster;
  /** How long servers stay away in the checks of autoscaling. */
  readonly outageMinutes: number;
}

/** Something that is shown on a running cluster. */
export interface Check {
  /** For `--only`. */
  readonly name: string;
  /** Of the list at the top of the report. */
  readonly point: Point;
  readonly shows: string;
  /** Resolves with what was seen, in a sentence; rejects with what is wrong. */
  readonly run: (scene: Scene) => Promise<string>;
}

export const POINTS = {
  served: "A study comes in by HTTPS and by C-STORE, and its prediction goes out",
  rollouts: "Installation, upgrade, several releases",
  policies: "Network policies are enforced",
  scaling: "KEDA scales, and keeps what it has while something is away",
  disruption: "Nodes, pods and kubelets go",
  accepted: "Kubernetes accepts every overlay and example",
} as const;

export type Point = keyof typeof POINTS;

/** Throws with what is wrong, unless nothing is. */
export function assertNone(what: string, problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(`${what}: ${[...new Set(problems)].join("; ")}`);
}

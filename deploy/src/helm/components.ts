import type { KubernetesObject } from "../kubernetes-object.ts";

/** A part of Axial that the chart's values name: a deployment and what belongs to it. */
export interface Component {
  /** Its key in the values. */
  readonly key: string;
  /** The name of its objects. */
  readonly name: string;
  /** Optional. */
  readonly optional: boolean;
  /** Scales automatically where the autoscaler is enabled. */
  readonly scaled: boolean;
}

export const COMPONENTS: readonly Component[] = [
  { key: "gateway", name: "axial-gateway", optional: false, scaled: true },
  { key: "archive", name: "axial-archive", optional: false, scaled: true },
  { key: "results", name: "axial-results", optional: false, scaled: true },
  { key: "console", name: "axial-console", optional: true, scaled: false },
  { key: "migrations", name: "axial-migrations", optional: false, scaled: false },
  { key: "workerCpu", name: "axial-worker-cpu", optional: true, scaled: true },
  { key: "workerGpu", name: "axial-worker-gpu", optional: true, scaled: true },
  { key: "workerBackfill", name: "axial-worker-backfill", optional: true, scaled: true },
];

export function componentOf({ metadata }: KubernetesObject): Component | null {
  return COMPONENTS.find(({ name }) => name === metadata.name) ?? null;
}

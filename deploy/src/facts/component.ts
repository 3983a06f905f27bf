import { stringsAt } from "../workloads.ts";

const COMPONENT = "app.kubernetes.io/component";
const NAME = "app.kubernetes.io/name";
const POOL = "axial.dev/pool";
/** Labels that say only whose object it is. */
const OWNERSHIP = [NAME, "app.kubernetes.io/instance"];

/**
 * The part of Axial that labels or a selector mean: "gateway", "worker-gpu"; an empty text where
 * they mean all of it. Kustomize says it by name (axial-gateway), the chart by component and pool.
 */
export function componentOf(labels: Readonly<Record<string, string>>): string {
  const name = labels[NAME]?.replace(/^axial-?/, "") ?? "";
  const pool = labels[POOL];
  const component = labels[COMPONENT] ?? "";
  if (component !== "" && pool !== undefined) return `${component}-${pool}`;
  return name === "" ? component : name;
}

/** A selector's other labels: those that point outside of Axial. */
export function foreignLabels(selector: unknown): Record<string, string> {
  const labels = stringsAt({ selector }, "selector");
  const own = new Set([...OWNERSHIP, COMPONENT, POOL]);
  return Object.fromEntries(Object.entries(labels).filter(([label]) => !own.has(label)));
}

/** "axial-worker-gpu" and "axial-axial-stat" without whose they are. */
export function withoutOwner(name: string): string {
  return name.replace(/^(axial-)+/, "").replace(/-\d+(\.\d+)*$/, "");
}

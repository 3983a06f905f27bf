import { stringify } from "yaml";
import type { KubernetesObject } from "../kubernetes-object.ts";
import { chartValues } from "./chart-values.ts";
import { componentOf } from "./components.ts";
import { parameterise } from "./parameterise.ts";
import { withExpressions } from "./placeholders.ts";

/** Kubernetes and Helm read YAML 1.1, in which a bare `off` is false. */
const YAML = { lineWidth: 0, version: "1.1" } as const;
/** Not part of a chart: Helm uses or creates the namespace. */
const LEFT_OUT = ["Namespace"];

/** The value that switches an object off, by what it is. */
const SWITCHES: readonly (readonly [value: string, (object: KubernetesObject) => boolean])[] = [
  ["keda.enabled", ({ apiVersion }) => apiVersion.startsWith("keda.sh/")],
  ["monitoring.enabled", ({ apiVersion }) => apiVersion.startsWith("monitoring.coreos.com/")],
  ["monitoring.enabled", ({ metadata }) => metadata.name === "axial-dashboards"],
  ["ingress.enabled", ({ kind }) => kind === "Ingress"],
  ["networkPolicies.enabled", ({ kind }) => kind === "NetworkPolicy"],
  ["deletionCost.enabled", ({ metadata }) => metadata.name === "axial-worker-deletion-cost"],
];

/**
 * The chart of a set of manifests, as the texts of its files by path: a template per object, which
 * renders to exactly that object with the default values.
 */
export function chartFiles(objects: readonly KubernetesObject[]): ReadonlyMap<string, string> {
  const kept = chartObjects(objects);
  return new Map([
    ["values.yaml", stringify(chartValues(kept), YAML)],
    ...kept.map((object) => [`templates/${fileName(object)}`, template(object)] as const),
  ]);
}

export function chartObjects(objects: readonly KubernetesObject[]): KubernetesObject[] {
  return objects.filter(({ kind }) => !LEFT_OUT.includes(kind));
}

function fileName({ kind, metadata }: KubernetesObject): string {
  return `${metadata.name}-${kind.toLowerCase()}.yaml`;
}

function template(object: KubernetesObject): string {
  const component = componentOf(object);
  const switches = SWITCHES.filter(([, isIt]) => isIt(object)).map(([value]) => value);
  if (component?.optional === true) switches.push(`${component.key}.enabled`);
  const text = withExpressions(stringify(parameterise(object, component), YAML));
  if (switches.length === 0) return text;
  const condition = switches.map((value) => `.Values.${value}`).join(" ");
  const test = switches.length === 1 ? condition : `and ${condition}`;
  return `{{- if ${test} }}\n${text}{{- end }}\n`;
}

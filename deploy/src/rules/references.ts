import { at, type KubernetesObject, listAt, nameOf, ofKind, textAt } from "../kubernetes-object.ts";
import { selects, workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/** References that the user provides: the README of deploy/k8s lists them. */
const SECRETS_FROM_OUTSIDE = [
  "axial-database",
  "axial-queue",
  "axial-blobs",
  "axial-admin",
  "axial-outcomes",
  "axial-scaling",
  "axial-tls",
] as const;

/** Its keys: a pod may have a role instead. Without any other secret a pod does not start. */
const OPTIONAL_SECRET = "axial-blobs";

/** Selectors of services, budgets, policies and autoscalers meet pods that exist. */
export const selectorsMeet: Rule = (objects) => {
  const workloads = workloadsOf(objects);
  const meets = (selector: unknown) =>
    workloads.some(({ podLabels }) => selects(selector, podLabels));
  const bySelector = [
    ...ofKind(objects, "Service").map((object) => [object, at(object, "spec.selector")] as const),
    ...ofKind(objects, "PodDisruptionBudget").map(
      (object) => [object, at(object, "spec.selector.matchLabels")] as const,
    ),
  ].flatMap(([object, selector]) => (meets(selector) ? [] : [`${nameOf(object)} selects no pod`]));
  const ownLabels = workloads
    .filter(({ object, podLabels }) => !selects(at(object, "spec.selector.matchLabels"), podLabels))
    .map(({ object }) => `${nameOf(object)} does not select its own pods`);
  return [...bySelector, ...ownLabels, ...targetsMissing(objects)];
};

function targetsMissing(objects: readonly KubernetesObject[]): string[] {
  const deployments = ofKind(objects, "Deployment").map(({ metadata }) => metadata.name);
  return ofKind(objects, "ScaledObject", "HorizontalPodAutoscaler").flatMap((object) => {
    const target = textAt(object, "spec.scaleTargetRef.name") ?? "";
    return deployments.includes(target)
      ? []
      : [`${nameOf(object)} scales ${target}: no such deployment`];
  });
}

/** A service's target port is a port that its pods name. */
export const portsExist: Rule = (objects) =>
  ofKind(objects, "Service").flatMap((service) => {
    const pods = workloadsOf(objects).filter(({ podLabels }) =>
      selects(at(service, "spec.selector"), podLabels),
    );
    const ports = pods.flatMap(({ containers }) =>
      containers.flatMap((container) => container.ports),
    );
    return listAt(service, "spec.ports").flatMap((port) => {
      const target = textAt(port, "targetPort") ?? "";
      return ports.includes(target)
        ? []
        : [`${nameOf(service)} leads to port ${target}: no such port`];
    });
  });

/** Config maps, service accounts and priority classes exist; secrets exist or are documented, and are required. */
export const referencesExist: Rule = (objects) => {
  const has = (kind: string, name: string) =>
    ofKind(objects, kind).some(({ metadata }) => metadata.name === name);
  const secretExists = (name: string) =>
    has("Secret", name) || SECRETS_FROM_OUTSIDE.some((known) => known === name);
  return workloadsOf(objects).flatMap(({ object, podSpec, containers }) => {
    const missing: string[] = [];
    const account = textAt(podSpec, "serviceAccountName");
    if (account !== null && !has("ServiceAccount", account))
      missing.push(`service account ${account}`);
    const priority = textAt(podSpec, "priorityClassName");
    if (priority !== null && !has("PriorityClass", priority)) missing.push(`priority ${priority}`);
    for (const { spec } of containers) {
      for (const source of listAt(spec, "envFrom")) {
        const map = textAt(source, "configMapRef.name");
        if (map !== null && !has("ConfigMap", map)) missing.push(`config map ${map}`);
      }
      for (const entry of listAt(spec, "env")) {
        const secret = textAt(entry, "valueFrom.secretKeyRef.name");
        if (secret !== null && !secretExists(secret)) missing.push(`secret ${secret}`);
        const optional = at(entry, "valueFrom.secretKeyRef.optional") === true;
        if (optional && secret !== OPTIONAL_SECRET) missing.push(`secret ${secret}`);
      }
    }
    return missing.map((what) => `${nameOf(object)} refers to ${what}, which may not be there`);
  });
};

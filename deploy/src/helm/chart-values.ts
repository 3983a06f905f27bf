import { at, type KubernetesObject, ofKind } from "../kubernetes-object.ts";
import { COMPONENTS, type Component } from "./components.ts";

/** The chart's values, as the manifests have them. */
export function chartValues(objects: readonly KubernetesObject[]): object {
  return {
    image: { registry: "", tag: "" },
    config: at(find(objects, "ConfigMap", "axial-config"), "data"),
    ingress: { enabled: true, host: "axial.example.org" },
    keda: { enabled: true },
    monitoring: { enabled: true },
    networkPolicies: { enabled: true },
    deletionCost: { enabled: true },
    ...Object.fromEntries(COMPONENTS.map((part) => [part.key, partValues(objects, part)])),
  };
}

function partValues(objects: readonly KubernetesObject[], part: Component): object {
  const workload = find(objects, "Deployment", part.name) ?? find(objects, "Job", part.name);
  const scaled = find(objects, "ScaledObject", part.name);
  const resources = at(workload, "spec.template.spec.containers.0.resources");
  if (part.key === "migrations") return { resources };
  const least = at(scaled, "spec.minReplicaCount");
  return {
    ...(part.optional ? { enabled: true } : {}),
    replicas: at(workload, "spec.replicas") ?? Math.max(1, Number(least ?? 1)),
    ...(part.scaled ? { minReplicas: least, maxReplicas: at(scaled, "spec.maxReplicaCount") } : {}),
    resources,
  };
}

function find(objects: readonly KubernetesObject[], kind: string, name: string) {
  return ofKind(objects, kind).find(({ metadata }) => metadata.name === name);
}

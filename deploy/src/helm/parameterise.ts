import { at, type KubernetesObject } from "../kubernetes-object.ts";
import type { Component } from "./components.ts";
import { BRACES, placeholder } from "./placeholders.ts";

/** The namespace and the host that the manifests name. */
const NAMESPACE = "axial";
const HOST = "axial.example.org";
const RELEASE_NAMESPACE = placeholder(".Release.Namespace");
const CONFIG_MAP = "axial-config";

/** The object with placeholders where the chart's values go. */
export function parameterise(object: KubernetesObject, component: Component | null): unknown {
  const general = mapped(object, generalText);
  if (object.kind === "ConfigMap" && object.metadata.name === CONFIG_MAP) {
    return replaced(general, "data", placeholder("yaml config"));
  }
  if (component === null) return general;
  if (object.kind === "ScaledObject") return scaledObject(general, component);
  return object.kind === "Deployment" || object.kind === "Job"
    ? workload(general, component)
    : general;
}

function generalText(text: string, key: string): string {
  if (key === "namespace" && text === NAMESPACE) return RELEASE_NAMESPACE;
  const image = /^(axial-[a-z-]+):[^:]+$/.exec(text)?.[1];
  if (key === "image" && image !== undefined) {
    const tag = placeholder(".Values.image.tag | default .Chart.AppVersion");
    return `${placeholder(".Values.image.registry")}${image}:${tag}`;
  }
  return text
    .replaceAll("{{", BRACES)
    .replaceAll(`.${NAMESPACE}.svc`, `.${RELEASE_NAMESPACE}.svc`)
    .replaceAll(
      `system:serviceaccount:${NAMESPACE}:`,
      `system:serviceaccount:${RELEASE_NAMESPACE}:`,
    )
    .replaceAll(HOST, placeholder(".Values.ingress.host"));
}

function workload(object: unknown, { key, scaled }: Component): unknown {
  const container = "spec.template.spec.containers.0";
  const sized = replaced(object, `${container}.resources`, placeholder(`yaml ${key}.resources`));
  if (key === "migrations") return sized;
  const replicas = scaled
    ? placeholder(`unless keda.enabled ${key}.replicas`)
    : placeholder(`.Values.${key}.replicas`);
  return replaced(sized, "spec.replicas", replicas);
}

function scaledObject(object: unknown, { key }: Component): unknown {
  const least = replaced(object, "spec.minReplicaCount", placeholder(`.Values.${key}.minReplicas`));
  return replaced(least, "spec.maxReplicaCount", placeholder(`.Values.${key}.maxReplicas`));
}

/** Every text of a value changed; `key` is the name of the field that holds it. */
function mapped(value: unknown, change: (text: string, key: string) => string, key = ""): unknown {
  if (typeof value === "string") return change(value, key);
  if (Array.isArray(value)) return value.map((item) => mapped(item, change, key));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [name, mapped(inner, change, name)]),
  );
}

/** A copy with another value at `path`. */
function replaced(value: unknown, path: string, other: unknown): unknown {
  const [key = "", ...rest] = path.split(".");
  const inner = rest.length === 0 ? other : replaced(at(value, key), rest.join("."), other);
  if (Array.isArray(value)) return value.with(Number(key), inner);
  return { ...(typeof value === "object" ? value : {}), [key]: inner };
}

import { at, type KubernetesObject, listAt, ofKind, textAt } from "./kubernetes-object.ts";

/** One container of a workload, with what the rules ask of it. */
export interface Container {
  readonly name: string;
  readonly image: string;
  readonly args: readonly string[];
  readonly ports: readonly string[];
  readonly spec: unknown;
}

/** An object that creates pods. */
export interface Workload {
  readonly object: KubernetesObject;
  readonly podLabels: Readonly<Record<string, string>>;
  readonly podSpec: unknown;
  readonly containers: readonly Container[];
}

const POD_MAKERS = ["Deployment", "StatefulSet", "DaemonSet", "Job"];

export function workloadsOf(objects: readonly KubernetesObject[]): Workload[] {
  return ofKind(objects, ...POD_MAKERS).map((object) => {
    const podSpec = at(object, "spec.template.spec");
    const specs = [...listAt(podSpec, "initContainers"), ...listAt(podSpec, "containers")];
    return {
      object,
      podLabels: stringsAt(object, "spec.template.metadata.labels"),
      podSpec,
      containers: specs.map(containerOf),
    };
  });
}

/** Axial's own workloads: those that run one of its services. */
export function servicesOf(objects: readonly KubernetesObject[]): Workload[] {
  return workloadsOf(objects).filter(({ containers }) => containers.some(entryPoint));
}

/** The service that a container starts: "gateway" for services/gateway/src/main.ts. */
export function entryPoint({ args }: Container): { service: string; file: string } | null {
  const [, service, file] = /^services\/([a-z]+)\/src\/([a-z-]+)\.ts$/.exec(args[0] ?? "") ?? [];
  return service === undefined || file === undefined ? null : { service, file };
}

/** True when every label of the selector is on the pod. */
export function selects(selector: unknown, labels: Readonly<Record<string, string>>): boolean {
  return Object.entries(stringsAt({ selector }, "selector")).every(
    ([name, value]) => labels[name] === value,
  );
}

export function stringsAt(value: unknown, path: string): Record<string, string> {
  const found = at(value, path);
  if (typeof found !== "object" || found === null) return {};
  return Object.fromEntries(
    Object.entries(found).flatMap(([key, text]) => (typeof text === "string" ? [[key, text]] : [])),
  );
}

function containerOf(spec: unknown): Container {
  return {
    name: textAt(spec, "name") ?? "",
    image: textAt(spec, "image") ?? "",
    args: listAt(spec, "args").map(String),
    ports: listAt(spec, "ports").map((port) => textAt(port, "name") ?? ""),
    spec,
  };
}

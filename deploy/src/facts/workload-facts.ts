import { at, type KubernetesObject, listAt, ofKind, textAt } from "../kubernetes-object.ts";
import { servicesOf, stringsAt, type Workload } from "../workloads.ts";
import { componentOf, withoutOwner } from "./component.ts";

/** Where a variable's value comes from: itself, a secret's key, or a field of the pod. */
function sourceOf(variable: unknown): unknown {
  const secret = at(variable, "valueFrom.secretKeyRef");
  if (secret !== undefined) {
    const optional = at(secret, "optional") === true ? " (optional)" : "";
    return `${textAt(secret, "name")}/${textAt(secret, "key")}${optional}`;
  }
  return at(variable, "value") ?? textAt(variable, "valueFrom.fieldRef.fieldPath");
}

function environmentOf(objects: readonly KubernetesObject[], container: unknown) {
  const shared = listAt(container, "envFrom").flatMap((source) => {
    const name = textAt(source, "configMapRef.name");
    return ofKind(objects, "ConfigMap")
      .filter(({ metadata }) => metadata.name === name)
      .map((map) => stringsAt(map, "data"));
  });
  const own = listAt(container, "env").map((variable) => [
    textAt(variable, "name") ?? "",
    sourceOf(variable),
  ]);
  return Object.assign({}, ...shared, Object.fromEntries(own));
}

function workloadFacts(objects: readonly KubernetesObject[], { object, podSpec }: Workload) {
  const [container] = listAt(podSpec, "containers");
  return {
    kind: object.kind,
    replicas: at(object, "spec.replicas"),
    strategy: at(object, "spec.strategy"),
    deadline: at(object, "spec.activeDeadlineSeconds"),
    retries: at(object, "spec.backoffLimit"),
    account: withoutOwner(textAt(podSpec, "serviceAccountName") ?? ""),
    token: at(podSpec, "automountServiceAccountToken"),
    grace: at(podSpec, "terminationGracePeriodSeconds"),
    tolerations: at(podSpec, "tolerations"),
    spreadOver: listAt(podSpec, "topologySpreadConstraints").map((each) => at(each, "topologyKey")),
    securityContext: at(podSpec, "securityContext"),
    volumes: at(podSpec, "volumes"),
    container: {
      ...(container as object),
      env: environmentOf(objects, container),
      envFrom: undefined,
      imagePullPolicy: undefined,
    },
  };
}

/** What each of Axial's workloads is, by component. */
export function workloads(objects: readonly KubernetesObject[]): Record<string, unknown> {
  return Object.fromEntries(
    servicesOf(objects).map((workload) => [
      componentOf(workload.podLabels),
      workloadFacts(objects, workload),
    ]),
  );
}

/** The priority that each workload's pods have, as a number. */
export function priorities(objects: readonly KubernetesObject[]): Record<string, unknown> {
  const values = new Map(
    ofKind(objects, "PriorityClass").map(({ metadata, ...rest }) => [
      metadata.name,
      { value: rest.value, preemption: rest.preemptionPolicy },
    ]),
  );
  return Object.fromEntries(
    servicesOf(objects)
      .filter(({ object }) => object.kind === "Deployment")
      .map(({ podLabels, podSpec }) => [
        componentOf(podLabels),
        values.get(textAt(podSpec, "priorityClassName") ?? ""),
      ]),
  );
}

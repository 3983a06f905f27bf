import { at, type KubernetesObject, listAt, nameOf, ofKind } from "../kubernetes-object.ts";
import { selects, servicesOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

const POSTGRES_PORT = 5432;
const POSTGRES_SECRET = "axial-database";

/** The namespace lets nobody talk to anybody, but for what its other policies allow. */
export const deniesByDefault: Rule = (objects) => {
  const denies = ofKind(objects, "NetworkPolicy").some(
    (policy) =>
      Object.keys(at(policy, "spec.podSelector") ?? {}).length === 0 &&
      listAt(policy, "spec.policyTypes").length === 2 &&
      at(policy, "spec.egress") === undefined &&
      at(policy, "spec.ingress") === undefined,
  );
  return denies ? [] : ["no policy denies by default"];
};

/** A worker needs the queue and the blobs, nothing else: neither the way to Postgres nor its key. */
export const workersKnowNoDatabase: Rule = (objects) => {
  const workers = servicesOf(objects).filter(
    ({ podLabels }) => podLabels["app.kubernetes.io/component"] === "worker",
  );
  return workers.flatMap(({ object, podLabels, containers }) => {
    const roads = ofKind(objects, "NetworkPolicy").filter(
      (policy) => appliesTo(policy, podLabels) && reachesPort(policy, POSTGRES_PORT),
    );
    const holdsKey = JSON.stringify(containers.map(({ spec }) => spec)).includes(POSTGRES_SECRET);
    return [
      ...roads.map((policy) => `${nameOf(policy)} lets ${nameOf(object)} reach Postgres`),
      ...(holdsKey ? [`${nameOf(object)} holds the key of Postgres`] : []),
    ];
  });
};

function appliesTo(policy: KubernetesObject, labels: Readonly<Record<string, string>>): boolean {
  const selector = at(policy, "spec.podSelector");
  return (
    selects(at(selector, "matchLabels"), labels) &&
    listAt(selector, "matchExpressions").every((expression) => {
      const key = String(at(expression, "key"));
      return listAt(expression, "values").includes(labels[key]);
    })
  );
}

/** A rule without ports is a road to every port. */
function reachesPort(policy: KubernetesObject, port: number): boolean {
  return listAt(policy, "spec.egress").some((road) => {
    const ports = listAt(road, "ports");
    return ports.length === 0 || ports.some((entry) => at(entry, "port") === port);
  });
}

import { BlockList } from "node:net";
import { at, type KubernetesObject, listAt, nameOf, ofKind, textAt } from "../kubernetes-object.ts";
import { selects, servicesOf, workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

const COMPONENT = "app.kubernetes.io/component";
const POSTGRES_PORT = 5432;
const POSTGRES_SECRET = "axial-database";

/** All traffic of Axial's pods is denied unless another policy allows it. */
export const deniesByDefault: Rule = (objects) => {
  const denying = ofKind(objects, "NetworkPolicy").filter(
    (policy) =>
      listAt(policy, "spec.policyTypes").length === 2 &&
      at(policy, "spec.egress") === undefined &&
      at(policy, "spec.ingress") === undefined,
  );
  return servicesOf(objects)
    .filter(({ podLabels }) => !denying.some((policy) => appliesTo(policy, podLabels)))
    .map(({ object }) => `no policy denies ${nameOf(object)} by default`);
};

/** Networks that no address of the internet lies in: RFC 1918, RFC 6598 and link-local. */
const INSIDE = new BlockList();
for (const [network, prefix] of [
  ["10.0.0.0", 8],
  ["172.16.0.0", 12],
  ["192.168.0.0", 16],
  ["100.64.0.0", 10],
  ["169.254.0.0", 16],
] as const) {
  INSIDE.addSubnet(network, prefix);
}

/** No policy opens the internet to what works on images: only results sends what was found. */
export const workersStayInside: Rule = (objects) =>
  servicesOf(objects)
    .filter(({ podLabels }) => podLabels[COMPONENT] === "worker")
    .flatMap(({ object, podLabels }) =>
      ofKind(objects, "NetworkPolicy")
        .filter((policy) => appliesTo(policy, podLabels) && leadsOutside(policy))
        .map((policy) => `${nameOf(policy)} lets ${nameOf(object)} reach the internet`),
    );

/** What Axial stands on is either in the overlay's own pods or outside, at addresses with ports. */
export const backingReachable: Rule = (objects) => {
  const pods = workloadsOf(objects).map(({ podLabels }) => podLabels);
  return ["reach-postgres", "reach-queue", "reach-blobs"].flatMap((name) => {
    const peers = ofKind(objects, "NetworkPolicy")
      .filter(({ metadata }) => metadata.name.endsWith(name))
      .flatMap((policy) => listAt(policy, "spec.egress"))
      .flatMap((road) => listAt(road, "to"));
    const leads = peers.some(
      (peer) =>
        at(peer, "ipBlock") !== undefined ||
        pods.some((labels) => selects(at(peer, "podSelector.matchLabels"), labels)),
    );
    return leads ? [] : [`NetworkPolicy ${name} leads to nothing that is there`];
  });
};

/** A worker needs the queue and the blobs, nothing else: neither the way to Postgres nor its key. */
export const workersKnowNoDatabase: Rule = (objects) => {
  const workers = servicesOf(objects).filter(({ podLabels }) => podLabels[COMPONENT] === "worker");
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

function leadsOutside(policy: KubernetesObject): boolean {
  return listAt(policy, "spec.egress").some((road) => {
    const peers = listAt(road, "to");
    return peers.length === 0 || peers.some(isOutside);
  });
}

/** True for a block whose first address is public, and for one that begins inside but is wider. */
function isOutside(peer: unknown): boolean {
  const [address = "", prefix = "32"] = (textAt(peer, "ipBlock.cidr") ?? "").split("/");
  return address !== "" && !(INSIDE.check(address) && Number(prefix) >= 8);
}

/** A rule without ports is a road to every port. */
function reachesPort(policy: KubernetesObject, port: number): boolean {
  return listAt(policy, "spec.egress").some((road) => {
    const ports = listAt(road, "ports");
    return ports.length === 0 || ports.some((entry) => at(entry, "port") === port);
  });
}

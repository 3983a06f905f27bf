import { at, type KubernetesObject, listAt, ofKind } from "../kubernetes-object.ts";
import { servicesOf, stringsAt } from "../workloads.ts";
import { componentOf, foreignLabels } from "./component.ts";

/** The components that a selector of pods in Axial's own namespace means. */
function selected(objects: readonly KubernetesObject[], selector: unknown): string[] {
  const only = componentOf(stringsAt(selector, "matchLabels"));
  const lists = listAt(selector, "matchExpressions").map((each) => listAt(each, "values"));
  const components = new Set(
    servicesOf(objects).map(
      ({ podLabels }) => podLabels["app.kubernetes.io/component"] ?? componentOf(podLabels),
    ),
  );
  return [...components].filter(
    (component) =>
      (only === "" || only === component) && lists.every((list) => list.includes(component)),
  );
}

/** The other end: a block of addresses, a component, or pods by label and namespace. */
function peerOf(peer: unknown): string {
  const block = at(peer, "ipBlock");
  if (block !== undefined) {
    return `${at(block, "cidr")} except ${listAt(block, "except").join(",")}`;
  }
  const labels = stringsAt(peer, "podSelector.matchLabels");
  const component = componentOf(labels);
  const space = JSON.stringify(at(peer, "namespaceSelector") ?? "own namespace");
  return `${component || JSON.stringify(foreignLabels(labels))} in ${space}`;
}

/** "gateway → 10.20.0.0/24 TCP 5432": every single arrow that the policies allow, in order. */
export function arrows(objects: readonly KubernetesObject[]): string[] {
  const all = ofKind(objects, "NetworkPolicy").flatMap((policy) =>
    selected(objects, at(policy, "spec.podSelector")).flatMap((component) =>
      [
        ["ingress", "from", "←"],
        ["egress", "to", "→"],
      ].flatMap(([direction, peers, arrow]) =>
        listAt(policy, `spec.${direction}`).flatMap((rule) =>
          listAt(rule, peers ?? "").flatMap((peer) =>
            listAt(rule, "ports").map(
              (port) =>
                `${component} ${arrow} ${peerOf(peer)} ${at(port, "protocol")} ${at(port, "port")}`,
            ),
          ),
        ),
      ),
    ),
  );
  return [...new Set(all)].toSorted();
}

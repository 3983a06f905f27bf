import { at, type KubernetesObject, listAt, ofKind, textAt } from "../kubernetes-object.ts";
import { stringsAt } from "../workloads.ts";
import { componentOf, withoutOwner } from "./component.ts";
import { arrows } from "./network-facts.ts";
import { priorities, workloads } from "./workload-facts.ts";

/**
 * What an installation is, without how its objects are named and labelled: an overlay and the
 * chart with the values for the same house have the same facts.
 */
export function factsOf(objects: readonly KubernetesObject[]) {
  return {
    workloads: workloads(objects),
    priorities: priorities(objects),
    arrows: arrows(objects),
    services: bySelector(objects, "Service", (service) => ({
      ports: at(service, "spec.ports"),
      type: at(service, "spec.type") ?? "ClusterIP",
    })),
    budgets: bySelector(objects, "PodDisruptionBudget", (budget) => ({
      maxUnavailable: at(budget, "spec.maxUnavailable"),
      unhealthy: at(budget, "spec.unhealthyPodEvictionPolicy"),
    })),
    scaling: scaling(objects),
    paths: ofKind(objects, "Ingress")
      .flatMap((ingress) =>
        listAt(ingress, "spec.rules").flatMap((rule) =>
          listAt(rule, "http.paths").map(
            (path) =>
              `${textAt(path, "path")} ${withoutOwner(textAt(path, "backend.service.name") ?? "")}`,
          ),
        ),
      )
      .toSorted(),
    annotations: ofKind(objects, "Ingress").map(({ metadata }) => metadata.annotations),
    rules: ofKind(objects, "PrometheusRule").map((rule) => at(rule, "spec")),
    monitored: [...ofKind(objects, "ServiceMonitor"), ...ofKind(objects, "PodMonitor")].map(
      (monitor) => ({
        endpoints: at(monitor, "spec.endpoints") ?? at(monitor, "spec.podMetricsEndpoints"),
        components: listAt(monitor, "spec.selector.matchExpressions").map((each) =>
          at(each, "values"),
        ),
      }),
    ),
    rights: ofKind(objects, "Role").map((role) => at(role, "rules")),
    admission: ofKind(objects, "ValidatingAdmissionPolicy").map((policy) => at(policy, "spec")),
    dashboards: ofKind(objects, "ConfigMap")
      .filter(({ metadata }) => metadata.name.endsWith("-dashboards"))
      .map((map) => at(map, "data")),
  };
}

function bySelector(
  objects: readonly KubernetesObject[],
  kind: string,
  facts: (object: KubernetesObject) => object,
): Record<string, object> {
  return Object.fromEntries(
    ofKind(objects, kind).flatMap((object) => {
      const selector = at(object, "spec.selector.matchLabels") ?? at(object, "spec.selector");
      const component = componentOf(stringsAt({ selector }, "selector"));
      return component === "" ? [] : [[component, facts(object)]];
    }),
  );
}

function scaling(objects: readonly KubernetesObject[]): Record<string, unknown> {
  return Object.fromEntries(
    ofKind(objects, "ScaledObject", "HorizontalPodAutoscaler").map(({ kind, spec }) => {
      const { scaleTargetRef, ...rest } = spec as { scaleTargetRef: { name: string } };
      return [withoutOwner(scaleTargetRef.name), { kind, ...rest }];
    }),
  );
}

import { at, nameOf, ofKind } from "../kubernetes-object.ts";
import { selects, workloadsOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/**
 * A budget lets at least one pod go, however few its workload has at least: else a drain waits for
 * ever. A pod that is not ready never holds it up.
 */
export const drainsGoOn: Rule = (objects) =>
  ofKind(objects, "PodDisruptionBudget").flatMap((budget) => {
    const least = Math.min(
      ...workloadsOf(objects)
        .filter(({ podLabels }) => selects(at(budget, "spec.selector.matchLabels"), podLabels))
        .map(({ object }) => Number(at(object, "spec.replicas") ?? 1)),
    );
    const keeps = Number(at(budget, "spec.minAvailable") ?? 0);
    return [
      ...(keeps === 0 || keeps < least ? [] : [`${nameOf(budget)} lets none of ${least} pods go`]),
      ...(at(budget, "spec.unhealthyPodEvictionPolicy") === "AlwaysAllow"
        ? []
        : [`${nameOf(budget)} is held up by pods that are not ready`]),
    ];
  });

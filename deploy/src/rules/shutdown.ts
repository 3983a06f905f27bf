import { SHUTDOWN_DEADLINE_MS } from "@axial/kit";
import { at, listAt, nameOf, textAt } from "../kubernetes-object.ts";
import { servicesOf } from "../workloads.ts";
import type { Rule } from "./rule.ts";

/**
 * Kubernetes waits longer than a service takes at most to close, the time before the signal
 * included; and a worker's drain ends before its own deadline.
 */
export const graceCoversShutdown: Rule = (objects) =>
  servicesOf(objects)
    .filter(({ object }) => object.kind === "Deployment")
    .flatMap(({ object, podSpec, containers }) => {
      const grace = Number(at(podSpec, "terminationGracePeriodSeconds") ?? 0);
      const before = Math.max(
        0,
        ...containers.map(({ spec }) => Number(at(spec, "lifecycle.preStop.sleep.seconds") ?? 0)),
      );
      const deadline = SHUTDOWN_DEADLINE_MS / 1_000;
      const drain = Math.max(0, ...containers.map(({ spec }) => drainSeconds(spec)));
      return [
        ...(grace > before + deadline
          ? []
          : [`${nameOf(object)} is killed after ${grace} s, but may take ${before + deadline} s`]),
        ...(drain < deadline ? [] : [`${nameOf(object)} drains for ${drain} s of ${deadline} s`]),
      ];
    });

function drainSeconds(spec: unknown): number {
  const entry = listAt(spec, "env").find(
    (variable) => textAt(variable, "name") === "AXIAL_WORKER_DRAIN_SECONDS",
  );
  return Number(textAt(entry, "value") ?? 0);
}

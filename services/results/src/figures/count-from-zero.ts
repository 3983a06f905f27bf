import { DESTINATION_KINDS, ERROR_CATALOGUE, PLAN_REFUSALS } from "@axial/contracts";
import type { Metrics } from "@axial/kit";

/**
 * Makes the series that count what seldom happens: a counter that begins with its first event has no
 * rate for it, and an alarm on it would not hear of the first.
 */
export function countFromZero(metrics: Metrics): void {
  for (const code of Object.keys(ERROR_CATALOGUE)) metrics.taskFailuresTotal.inc({ code }, 0);
  for (const code of Object.keys(PLAN_REFUSALS)) metrics.refusalsTotal.inc({ code }, 0);
  for (const kind of DESTINATION_KINDS) {
    for (const outcome of ["delivered", "skipped", "retry", "dead"]) {
      metrics.deliveriesTotal.inc({ kind, outcome }, 0);
    }
  }
}

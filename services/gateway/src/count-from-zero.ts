import { ERROR_CATALOGUE, LANES, PLAN_REFUSALS, SOURCE_KINDS } from "@axial/contracts";
import type { Metrics } from "@axial/kit";

/** Makes the series that count what seldom happens, so that the first event has a rate too. */
export function countFromZero(metrics: Metrics): void {
  for (const [code, { status }] of Object.entries(ERROR_CATALOGUE)) {
    if (status >= 400) metrics.instancesRejected.inc({ code }, 0);
  }
  for (const code of Object.keys(PLAN_REFUSALS)) metrics.refusalsTotal.inc({ code }, 0);
  for (const lane of LANES) metrics.admissionRefused.inc({ lane }, 0);
  for (const kind of SOURCE_KINDS) {
    for (const outcome of ["done", "waiting", "failed"])
      metrics.pullsTotal.inc({ kind, outcome }, 0);
  }
  for (const outcome of ["placed", "cancelled", "ignored", "failed"])
    metrics.ordersTotal.inc({ outcome }, 0);
}

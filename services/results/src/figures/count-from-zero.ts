import {
  DESTINATION_KINDS,
  ERROR_CATALOGUE,
  INDETERMINATE,
  type ModelPackage,
  PLAN_REFUSALS,
} from "@axial/contracts";
import type { ModelCatalogue } from "@axial/inference/packages";
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

/** The same for results of the installed models, at each scrape: packages come and go. */
export function countResultsFromZero(metrics: Metrics, models: Pick<ModelCatalogue, "all">): void {
  metrics.registry.beforeScrape(async () => {
    for (const model of await models.all()) {
      for (const label of answersOf(model)) {
        metrics.resultsTotal.inc({ model: model.id, label }, 0);
      }
    }
  });
}

/** What a result of the model may say: a label of its first head, or that it cannot tell. */
function answersOf({ heads, abstention }: ModelPackage): string[] {
  const labels = heads[0]?.labels.map(({ id }) => id) ?? [];
  return abstention === undefined ? labels : [...labels, INDETERMINATE];
}

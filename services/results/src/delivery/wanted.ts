import {
  type DestinationFilter,
  type Evidence,
  type Lane,
  outcomeOf,
  type TaskResult,
} from "@axial/contracts";

/** What a filter is asked about. */
export interface RunContent {
  readonly lane: Lane;
  readonly results: readonly Pick<TaskResult, "model" | "distributions">[];
  /** Series and models that were not analysed; null for the whole study or every model. */
  readonly unanalysed: readonly { readonly model: string | null }[];
}

/** Whether a destination wants a run: see `DestinationFilterSchema`. */
export function isWanted(filter: DestinationFilter, run: RunContent): boolean {
  const { lanes, models, abstentions = true, refusals = true } = filter;
  if (lanes !== undefined && !lanes.includes(run.lane)) return false;
  const ofModel = (id: string | null) => models === undefined || id === null || models.includes(id);
  const results = run.results.filter(
    ({ model }) => ofModel(model.id) && isOfEvidence(filter, model.evidence),
  );
  const findings = results.filter((result) => outcomeOf(result) === "finding");
  if (findings.some((result) => isOfLabel(filter, result))) return true;
  if (abstentions && findings.length < results.length) return true;
  return refusals && run.unanalysed.some(({ model }) => ofModel(model));
}

function isOfEvidence({ evidence }: DestinationFilter, of: Evidence): boolean {
  return evidence === undefined || evidence.includes(of);
}

/** A head or marginal of the result has one of the labels, as probable as is asked. */
function isOfLabel(
  { labels, minProbability = 0 }: DestinationFilter,
  { distributions }: Pick<TaskResult, "distributions">,
): boolean {
  return distributions.some(
    ({ label, probability }) =>
      (labels === undefined || labels.includes(label)) && probability >= minProbability,
  );
}

/** Synthetic models of a run that the destination is not allowed by name. */
export function withheldModels(
  allowed: readonly string[],
  results: RunContent["results"],
): string[] {
  const synthetic = results.filter(({ model }) => model.evidence === "synthetic");
  return [...new Set(synthetic.map(({ model }) => model.id))].filter((id) => !allowed.includes(id));
}

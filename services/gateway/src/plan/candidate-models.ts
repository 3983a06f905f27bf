import { type ModelPackage, meetsEvidence } from "@axial/contracts";

export interface ModelPolicy {
  /** Models that are trained on generated images only take part without being named. */
  readonly syntheticModels: boolean;
}

/**
 * The models to consider for a study: those that it names, whatever their evidence; else all of
 * evidence `research` or better that do not have to be named.
 */
export function candidateModels(
  models: readonly ModelPackage[],
  requested: readonly string[] | null,
  policy: ModelPolicy,
): ModelPackage[] {
  if (requested !== null) return models.filter((model) => requested.includes(model.id));
  const floor = policy.syntheticModels ? "synthetic" : "research";
  return models.filter(
    ({ evidence, onRequest = false }) => meetsEvidence(evidence, floor) && !onRequest,
  );
}

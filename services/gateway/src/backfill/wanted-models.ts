import type { ModelPackage } from "@axial/contracts";
import type { WantedModel } from "@axial/store/backfill";
import { candidateModels, type ModelPolicy } from "../plan/candidate-models.ts";

/** The model versions that a backfill would run on a study now. */
export function wantedModels(
  newest: readonly ModelPackage[],
  named: readonly string[] | null,
  policy: ModelPolicy,
): WantedModel[] {
  return candidateModels(newest, named, policy).map(({ id, version }) => ({ id, version }));
}

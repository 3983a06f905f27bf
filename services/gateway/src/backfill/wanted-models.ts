import type { WantedModel } from "@axial/store/backfill";
import { candidateModels, type ModelPolicy } from "../plan/candidate-models.ts";
import type { Offer } from "../plan/versions-in-use.ts";

/** The model versions that a backfill would run on a study now. */
export function wantedModels(
  offer: Offer,
  named: readonly string[] | null,
  policy: ModelPolicy,
): WantedModel[] {
  return candidateModels(offer, named, policy).map(({ model: { id, version } }) => ({
    id,
    version,
  }));
}

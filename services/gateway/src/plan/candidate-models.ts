import { meetsEvidence, parseModelRef } from "@axial/contracts";
import type { Offer, OfferedModel } from "./versions-in-use.ts";

export interface ModelPolicy {
  /** Models that are trained on generated images only take part without being named. */
  readonly syntheticModels: boolean;
}

/**
 * The models to consider for a study: those that it names, whatever their evidence, in the version
 * in use or the one that it names; else all of evidence `research` or better that do not have to be
 * named.
 */
export function candidateModels(
  { installed, inUse }: Offer,
  requested: readonly string[] | null,
  policy: ModelPolicy,
): OfferedModel[] {
  if (requested === null) {
    const floor = policy.syntheticModels ? "synthetic" : "research";
    return inUse.filter(
      ({ model: { evidence, onRequest = false } }) => meetsEvidence(evidence, floor) && !onRequest,
    );
  }
  const refs = requested.map(parseModelRef);
  const ids = new Set(refs.flatMap(({ id, version }) => (version === null ? [id] : [])));
  const byId = inUse.filter(({ model }) => ids.has(model.id));
  const taken = new Set(byId.map(({ model }) => model));
  const byVersion = installed.filter(
    (model) =>
      !taken.has(model) &&
      refs.some(({ id, version }) => id === model.id && version === model.version),
  );
  return [...byId, ...byVersion.map((model) => ({ model, arm: null }))];
}

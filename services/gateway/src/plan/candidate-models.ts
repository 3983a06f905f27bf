import { meetsEvidence, parseModelRef } from "@axial/contracts";
import { newestVersion, type Offer, type OfferedModel } from "./versions-in-use.ts";

export interface ModelPolicy {
  /** Models that are trained on generated images only take part without being named. */
  readonly syntheticModels: boolean;
}

/**
 * The models to consider for a study: those that it names, whatever their evidence, in the version
 * in use or the one that it names; else all of evidence `research` or better that do not have to be
 * named. Of several versions of a model one answers, and the others are its shadows.
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
  const named = [...byId, ...byVersion.map((model) => ({ model, arm: null }))];
  const answering = new Set(
    [...Map.groupBy(named, ({ model }) => model.id).values()].map((versions) =>
      answeringOf(versions, inUse),
    ),
  );
  return named.map((one) => (answering.has(one) ? one : { ...one, arm: "shadow" }));
}

/** Of versions of one model, the one in use; the newest where that is not among them. */
function answeringOf(
  versions: readonly OfferedModel[],
  inUse: readonly OfferedModel[],
): OfferedModel | undefined {
  const used = versions.find(({ model }) => inUse.some((known) => known.model === model));
  if (used !== undefined) return used;
  const newest = newestVersion(versions.map(({ model }) => model));
  return versions.find(({ model }) => model.version === newest);
}

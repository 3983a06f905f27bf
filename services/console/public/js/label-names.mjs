import { get } from "./api.mjs";
import { words } from "./format.mjs";

/** @type {any[] | null} */
let models = null;

/**
 * Names labels as their model package does: `name(modelId, version, labelId)`. A model that is
 * not installed any more has its labels' ids in words.
 */
export async function labelNames(options) {
  const installed = models ?? (await get("/api/v1/models", {}, options)).models;
  models = installed;
  const displays = new Map(installed.flatMap(labelsOf));
  return (id, version, label) => displays.get(`${id} ${version} ${label}`) ?? words(label);
}

function labelsOf({ id, version, heads }) {
  return heads
    .flatMap((head) => [...head.labels, ...head.marginals.flatMap((marginal) => marginal.labels)])
    .map(({ id: label, display }) => [`${id} ${version} ${label}`, display]);
}

/** The pools that the figures are about: a GPU pool for STAT and routine, one for backfills. */
export const DEPLOYED_RULES = ["worker-gpu", "worker-backfill"].map(
  (name) => new URL(`../../../deploy/k8s/components/keda/${name}.yaml`, import.meta.url),
);

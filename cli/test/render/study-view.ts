import type { PredictionView, StudyView } from "@axial/contracts";

const AT = "2026-01-02T03:00:00.000Z";

export const DISTRIBUTION: PredictionView["distributions"][number] = {
  ...{ name: "tumour", kind: "head", label: "glioma", display: "Glioma", probability: 0.914 },
  probabilities: { glioma: 0.914, none: 0.086 },
};

export const PREDICTION: PredictionView = {
  ...{ id: "p1", series: "1.2.3" },
  model: {
    ...{ id: "brain", version: "1.0.0", sha256: "ab", evidence: "research" },
    statement: "For research use only.",
  },
  distributions: [DISTRIBUTION],
  ...{ outcome: "finding", slices: [], skipped: [], heatmaps: [], provider: "cpu", arm: null },
  ...{ inputHash: "cd", preprocessingHash: "ef", createdAt: AT },
  timings: { decode: 1, batchWait: 1, infer: 1, total: 5, wait: 4, persist: 1 },
};

/** A study with an answer and no troubles. */
export const STUDY: StudyView = {
  ...{ study: "1.2", state: "complete", lane: "routine", instances: 9, expectedInstances: null },
  ...{ receivedAt: AT, closedAt: AT, completedAt: AT, held: null, hold: null },
  ...{ imagesRemovedAt: null, series: [], predictions: [PREDICTION], refusals: [], failures: [] },
  ...{ rerun: null, runs: [] },
};

import type { Metrics } from "@axial/kit";
import { BATCH_LIMITS, type EngineCounts } from "../protocol.ts";
import type { EngineState } from "./engine-state.ts";

/** Turns what the engine counted into metrics. */
export function countEngine(metrics: Metrics, state: () => EngineState) {
  const providerOf = (model: string): string => {
    const now = state();
    const models = now.status === "ready" ? now.models : [];
    return models.find(({ id }) => id === model)?.provider ?? "none";
  };
  const add = (counts: EngineCounts): void => {
    for (const { model, limitedBy, batches, images } of counts.batches) {
      const provider = providerOf(model);
      metrics.inferenceTotal.inc({ model, provider }, images);
      metrics.inferenceBatchesTotal.inc({ model, provider }, batches);
      metrics.batchLimitedBy.inc({ model, reason: limitedBy }, batches);
    }
    for (const [code, slices] of Object.entries(counts.skipped)) {
      metrics.refusalsTotal.inc({ code }, slices);
    }
    metrics.engineLoopDelay.set(counts.eventLoopDelayMs / 1_000);
  };
  /** Makes the series of what serves, so that the first batch has a rate too. */
  const serves = (): void => {
    const now = state();
    if (now.status !== "ready") return;
    for (const { id: model, provider } of now.models) {
      metrics.inferenceTotal.inc({ model, provider }, 0);
      metrics.inferenceBatchesTotal.inc({ model, provider }, 0);
      for (const reason of BATCH_LIMITS) metrics.batchLimitedBy.inc({ model, reason }, 0);
    }
  };
  return { add, serves };
}

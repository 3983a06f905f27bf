import { ERROR_CATALOGUE, PLAN_REFUSALS } from "@axial/contracts";
import type { Metrics } from "@axial/kit";
import type { TaskOutcome } from "@axial/store/recording";
import type { TraceContexts } from "./trace-outcomes.ts";

/** A worker of another version may send unknown codes: one label for all of them. */
const OTHER = "other";

interface Committed {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly contexts: TraceContexts;
}

/** Counts committed outcomes. */
export function countOutcomes(
  metrics: Metrics,
  outcomes: readonly TaskOutcome[],
  committed: Committed,
): void {
  for (const outcome of outcomes) countOutcome(metrics, outcome, committed);
}

function countOutcome(metrics: Metrics, outcome: TaskOutcome, committed: Committed): void {
  switch (outcome.kind) {
    case "done":
      metrics.resultsTotal.inc({ model: outcome.task.model_id, label: outcome.prediction.label });
      metrics.tasksEnded.inc({ lane: outcome.task.lane, outcome: "done" });
      observeStages(metrics, outcome, committed);
      break;
    case "refused":
      metrics.refusalsTotal.inc({ code: knownCode(outcome.refusal.code) });
      metrics.tasksEnded.inc({ lane: outcome.task.lane, outcome: "refused" });
      break;
    case "dead":
      metrics.taskFailuresTotal.inc({ code: knownCode(outcome.mark.code) });
      metrics.tasksEnded.inc({ lane: outcome.task.lane, outcome: "dead" });
      break;
    case "retry":
      metrics.taskFailuresTotal.inc({ code: knownCode(outcome.mark.code) });
      break;
    default:
      throw outcome satisfies never;
  }
}

function observeStages(
  metrics: Metrics,
  { task, prediction }: Extract<TaskOutcome, { kind: "done" }>,
  { now, contexts }: Committed,
): void {
  const milliseconds = {
    wait: prediction.wait_ms,
    persist: prediction.persist_ms,
    total: Math.max(0, now - task.created_at.getTime()),
  };
  for (const [stage, value] of Object.entries(milliseconds)) {
    const labels = { stage, model: task.model_id, lane: task.lane };
    metrics.taskStageSeconds.add(labels, value / 1_000, contexts.get(task.id));
  }
}

function knownCode(code: string): string {
  return Object.hasOwn(ERROR_CATALOGUE, code) || Object.hasOwn(PLAN_REFUSALS, code) ? code : OTHER;
}

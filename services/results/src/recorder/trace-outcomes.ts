import type { TaskId } from "@axial/contracts";
import type { Tracing } from "@axial/kit";
import type { TaskOutcome } from "@axial/store/recording";
import type { AttemptMessage } from "./attempt-message.ts";

/** `traceparent` of each task's attempt, where its worker sent one. */
export type TraceContexts = ReadonlyMap<TaskId, string>;

export function contextsOf(attempts: readonly AttemptMessage[]): TraceContexts {
  return new Map(
    attempts.flatMap(({ message: { task, traceparent } }) =>
      traceparent === undefined ? [] : [[task, traceparent] as const],
    ),
  );
}

interface Recorded {
  /** Epoch milliseconds. */
  readonly startedAt: number;
  readonly contexts: TraceContexts;
}

/** A span for each committed outcome: the transaction that it shared with others. */
export function traceOutcomes(
  tracing: Tracing,
  outcomes: readonly TaskOutcome[],
  { startedAt, contexts }: Recorded,
): void {
  if (!tracing.isOn) return;
  for (const { kind, task } of outcomes) {
    const span = tracing.start("record", {
      parent: contexts.get(task.id),
      kind: "consumer",
      startedAt,
      facts: {
        ...{ "axial.task": task.id, "axial.study": task.study_id, "axial.tenant": task.tenant_id },
        "axial.outcome": kind,
      },
    });
    span.end();
  }
}

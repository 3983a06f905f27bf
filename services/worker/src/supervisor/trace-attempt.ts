import type { InferJob } from "@axial/contracts";
import type { Span, Tracing } from "@axial/kit";
import type { EngineOutcome } from "../protocol.ts";

/** Its stages in their order; together they are the attempt's time in the engine. */
const STAGES = { decode: "decode", batchWait: "batch wait", infer: "infer" } as const;

interface Attempt {
  readonly worker: string;
  /** Epoch milliseconds. */
  readonly takenAt: number;
}

/** Begins an attempt's span, with the time that its job lay on the queue as one of its own. */
export function startAttempt(tracing: Tracing, job: InferJob, { worker, takenAt }: Attempt): Span {
  const { task, attempt, lane, model, dispatchedAt, traceparent: parent } = job;
  const queued = tracing.start("queue", {
    parent,
    // Clocks of two machines.
    startedAt: Math.min(dispatchedAt, takenAt),
    facts: { "axial.lane": lane },
  });
  queued.end(takenAt);
  return tracing.start("attempt", {
    kind: "consumer",
    parent,
    startedAt: takenAt,
    facts: {
      ...{ "axial.task": task, "axial.attempt": attempt, "axial.lane": lane },
      ...{ "axial.model": model, "axial.worker": worker },
    },
  });
}

/** The engine's stages, which it reports as milliseconds once the attempt is over. */
export function traceStages(
  tracing: Tracing,
  attempt: Span,
  { stages }: Extract<EngineOutcome, { kind: "done" }>,
): void {
  let startedAt = Date.now() - stages.total;
  for (const [stage, name] of Object.entries(STAGES)) {
    const span = tracing.start(name, { parent: attempt.traceParent, startedAt });
    startedAt += stages[stage as keyof typeof STAGES];
    span.end(startedAt);
  }
}

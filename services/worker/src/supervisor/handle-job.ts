import type { BlobStore } from "@axial/blobs";
import {
  type AttemptOutcome,
  AxialError,
  asAxialError,
  type InferJob,
  InferJobSchema,
  type OutcomeMessage,
  parseAs,
} from "@axial/contracts";
import type { Metrics, Span, TakenJob, Tracing } from "@axial/kit";
import type { EngineOutcome } from "../protocol.ts";
import type { EngineKeeper } from "./engine-keeper.ts";
import type { ResultSender } from "./result-sender.ts";
import { startAttempt, traceStages } from "./trace-attempt.ts";

const MAX_DETAIL = 300;
/** Supervisors that a job may take down before it is reported instead of run again. */
export const MAX_DELIVERIES = 5;
/**
 * A lost supervisor held jobs for many batches and had begun few of them, so their second delivery
 * is like the first; one whose second supervisor is lost too may be the reason, and runs alone.
 */
const SHARED_DELIVERIES = 2;

const TOOK_WORKERS_DOWN: AttemptOutcome = {
  kind: "failed",
  code: "worker-lost",
  detail: `${MAX_DELIVERIES} workers`,
  isolate: true,
};

export interface JobDependencies {
  /** The name of this worker. */
  readonly worker: string;
  readonly engine: Pick<EngineKeeper, "run">;
  readonly blobs: Pick<BlobStore, "putMany">;
  readonly sender: Pick<ResultSender, "send">;
  readonly metrics: Metrics;
  readonly tracing: Tracing;
}

/**
 * One job: hand it to the engine, store what it found, append its outcome to the stream of results
 * (STAT before all others, invariant 7), and only then let the job be completed. Rejects a malformed
 * job, which BullMQ then fails.
 */
export async function handleJob(job: TakenJob, dependencies: JobDependencies): Promise<void> {
  const takenAt = Date.now();
  const { worker, sender, tracing } = dependencies;
  const infer = parseAs(InferJobSchema, job.data);
  const span = startAttempt(tracing, infer, { worker, takenAt });
  // A worker without tracing passes on what it got.
  const traceparent = span.traceParent ?? infer.traceparent;
  const holder: Holder = { worker, takenAt, ...(traceparent === undefined ? {} : { traceparent }) };
  try {
    const outcome =
      job.deliveries > MAX_DELIVERIES
        ? TOOK_WORKERS_DOWN
        : await runAttempt({ job, infer, takenAt, span }, dependencies);
    if (outcome.kind === "done") span.add({ "axial.outcome": "done" });
    else span.fail(outcome.code);
    const first = infer.lane === "stat";
    await sender.send(resultMessage(infer, outcome, holder), { first });
  } finally {
    span.end();
  }
}

interface Running {
  readonly job: TakenJob;
  readonly infer: InferJob;
  readonly takenAt: number;
  readonly span: Span;
}

/** What the engine made of the job, its result in the blob store. */
async function runAttempt(
  { job, infer, takenAt, span }: Running,
  { engine, blobs, metrics, tracing }: JobDependencies,
): Promise<AttemptOutcome> {
  const outcome = await engine.run({
    key: job.id,
    task: infer.task,
    input: infer.manifest,
    lane: infer.lane,
    isolate: infer.isolate === true || job.deliveries > SHARED_DELIVERIES,
  });
  if (outcome.kind === "done" && tracing.isOn) traceStages(tracing, span, outcome);
  const stored = await storedOutcome(outcome, blobs);
  const { traceParent } = span;
  if (stored.kind === outcome.kind) observe(metrics, infer, { outcome, takenAt, traceParent });
  return stored;
}

/**
 * The outcome with its result and heat maps in the blob store. When that fails (a full disk, no
 * answer) the attempt has failed, and the input is not to blame.
 */
async function storedOutcome(
  outcome: EngineOutcome,
  blobs: JobDependencies["blobs"],
): Promise<AttemptOutcome> {
  if (outcome.kind !== "done") return outcome;
  const { kind, result: bytes, heatMaps } = outcome;
  try {
    const [result] = await blobs.putMany(heatMaps === null ? [bytes] : [bytes, heatMaps]);
    if (result === undefined) throw new AxialError("blob-missing");
    return { kind, result };
  } catch (error) {
    return { kind: "failed", ...asAxialError(error, "storage-unavailable").toJSON() };
  }
}

/** The worker that held a job, and since when. */
interface Holder {
  readonly worker: string;
  readonly takenAt: number;
  readonly traceparent?: string;
}

/** The message for the recorder. */
function resultMessage(
  { task, attempt, lane }: InferJob,
  outcome: AttemptOutcome,
  { takenAt, worker, ...trace }: Holder,
): OutcomeMessage {
  if (outcome.kind === "done") {
    const { kind, result } = outcome;
    return { kind, task, attempt, lane, result, takenAt, finishedAt: Date.now(), ...trace };
  }
  const { detail, ...rest } = outcome;
  const shortened = detail === undefined ? {} : { detail: detail.slice(0, MAX_DETAIL) };
  return { ...rest, ...shortened, task, attempt, lane, worker, ...trace };
}

interface Observed {
  readonly outcome: EngineOutcome;
  readonly takenAt: number;
  readonly traceParent: string | null;
}

function observe(
  { taskStageSeconds, tasksWithdrawnTotal }: Metrics,
  { model, lane, dispatchedAt }: InferJob,
  { outcome, takenAt, traceParent }: Observed,
): void {
  if (outcome.kind !== "done") {
    if (outcome.code === "withdrawn") tasksWithdrawnTotal.inc({ lane });
    return;
  }
  const { decode, batchWait, infer } = outcome.stages;
  const milliseconds = {
    wait: Math.max(0, takenAt - dispatchedAt),
    decode,
    batch_wait: batchWait,
    infer,
  };
  for (const [stage, value] of Object.entries(milliseconds)) {
    taskStageSeconds.add({ stage, model, lane }, value / 1_000, traceParent);
  }
}

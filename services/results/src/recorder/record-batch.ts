import { setTimeout as delay } from "node:timers/promises";
import { AxialError, type BlobKey, type WorkerMessage } from "@axial/contracts";
import type { OutageLog } from "@axial/kit";
import { isTransientDatabaseError } from "@axial/store/database";
import { announceWorkers, lockTasks, writeOutcomes } from "@axial/store/recording";
import { reprieve, withReprieve } from "@axial/store/retention";
import type { Dependencies } from "../dependencies.ts";
import { type AttemptMessage, asFailedAttempt } from "./attempt-message.ts";
import { checkAttempts } from "./check-attempts.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { type Decisions, decide } from "./decide.ts";
import { contextsOf, traceOutcomes } from "./trace-outcomes.ts";

/** Pause between tries while the database is down. */
const RETRY_PAUSE_MS = 250;

/** What the recorder needs to write. */
export interface RecordDependencies
  extends Pick<Dependencies, "db" | "blobs" | "metrics" | "models" | "logger" | "tracing"> {
  readonly outage: OutageLog;
  /** Aborted when the recorder is closing: it stops waiting for a database that is down. */
  readonly closing: AbortSignal;
  readonly now?: () => number;
  readonly random?: () => number;
}

export type ReadMessage =
  | AttemptMessage
  | { readonly kind: "worker"; readonly said: WorkerMessage };

/**
 * Compares the results of a batch with what their tasks asked for, and records it. Waits while the
 * database is away.
 */
export async function recordBatch(
  batch: readonly ReadMessage[],
  dependencies: RecordDependencies,
): Promise<void> {
  let checked: readonly ReadMessage[] = batch;
  await untilAnswered(dependencies, async () => {
    checked = await checkAttempts(batch, dependencies);
  });
  await commitBatch(checked, dependencies);
}

/**
 * Records a batch in one transaction. While the database is away it waits and tries again: the
 * results were paid for. A batch that the database refuses is halved until the one message that
 * it refuses is alone; that one is recorded as a failed attempt, so that no message blocks
 * others and none is lost.
 */
async function commitBatch(
  batch: readonly ReadMessage[],
  dependencies: RecordDependencies,
): Promise<void> {
  try {
    await untilAnswered(dependencies, () => recordOnce(batch, dependencies));
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error;
    await recordApart(batch, error, dependencies);
  }
}

async function recordApart(
  batch: readonly ReadMessage[],
  error: unknown,
  dependencies: RecordDependencies,
): Promise<void> {
  const [only] = batch;
  if (batch.length > 1) {
    const middle = Math.ceil(batch.length / 2);
    await commitBatch(batch.slice(0, middle), dependencies);
    await commitBatch(batch.slice(middle), dependencies);
  } else if (only !== undefined && only.kind === "done") {
    dependencies.logger.error(
      { err: error, task: only.message.task },
      "a result cannot be recorded",
    );
    await commitBatch([asFailedAttempt(only, whyNotRecorded(error))], dependencies);
  } else {
    // The message ends here; the reconciler finds its task and dispatches it again.
    dependencies.logger.error({ err: error, kind: only?.kind }, "a message cannot be recorded");
  }
}

/** A result blob that was collected meanwhile is produced again by the next attempt. */
function whyNotRecorded(error: unknown): AxialError {
  if (error instanceof AxialError) return new AxialError("blob-missing", { cause: error });
  return new AxialError("internal", { detail: "the database refused the result" });
}

async function recordOnce(
  batch: readonly ReadMessage[],
  dependencies: RecordDependencies,
): Promise<void> {
  const now = (dependencies.now ?? Date.now)();
  const attempts = batch.filter((read) => read.kind !== "worker");
  const said = batch.flatMap((read) => (read.kind === "worker" ? [read.said] : []));
  const startedAt = Date.now();
  const decisions = await withReprieve((reprieved) =>
    dependencies.db.transaction().execute(async (trx): Promise<Decisions> => {
      const ids = new Set(attempts.map((attempt) => attempt.message.task));
      const tasks = await lockTasks(trx, [...ids]);
      const decided = decide(attempts, tasks, { now, random: dependencies.random ?? Math.random });
      if (reprieved) await reprieve(trx, dependencies.blobs, blobsOf(attempts));
      await writeOutcomes(trx, decided.outcomes);
      await announceWorkers(trx, said);
      return decided;
    }),
  );
  const contexts = contextsOf(attempts);
  countOutcomes(dependencies.metrics, decisions.outcomes, { now, contexts });
  traceOutcomes(dependencies.tracing, decisions.outcomes, { startedAt, contexts });
  if (decisions.stale > 0) dependencies.metrics.staleResultsTotal.inc(decisions.stale);
}

/** Every blob that the predictions of these attempts refer to. */
function blobsOf(attempts: readonly AttemptMessage[]): BlobKey[] {
  const keys = attempts.flatMap((attempt) =>
    attempt.kind === "done"
      ? [attempt.message.result, ...attempt.result.slices.flatMap(({ heatmap }) => heatmap ?? [])]
      : [],
  );
  return [...new Set(keys)];
}

async function untilAnswered(
  dependencies: RecordDependencies,
  work: () => Promise<void>,
): Promise<void> {
  for (;;) {
    try {
      await work();
      return dependencies.outage.worked();
    } catch (error) {
      if (!isTransientDatabaseError(error) || dependencies.closing.aborted) throw error;
      dependencies.outage.failed(error);
      await delay(RETRY_PAUSE_MS);
    }
  }
}

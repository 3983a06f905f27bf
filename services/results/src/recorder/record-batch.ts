import { setTimeout as delay } from "node:timers/promises";
import { AxialError, type BlobKey, type WorkerMessage } from "@axial/contracts";
import type { OutageLog } from "@axial/kit";
import { isTransientDatabaseError } from "@axial/store/database";
import { announceWorkers, lockTasks, writeOutcomes } from "@axial/store/recording";
import { reprieve, withReprieve } from "@axial/store/retention";
import type { Dependencies } from "../dependencies.ts";
import { type AttemptMessage, asFailedAttempt } from "./attempt-message.ts";
import { countOutcomes } from "./count-outcomes.ts";
import { type Decisions, decide } from "./decide.ts";

/** Pause between tries while the database is down. */
const RETRY_PAUSE_MS = 250;

/** What the recorder needs to write. */
export interface RecordContext extends Pick<Dependencies, "db" | "blobs" | "metrics" | "logger"> {
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
 * Records a batch in one transaction. While the database is away it waits and tries again: the
 * results were paid for. A batch that the database refuses is halved until the one message that
 * it refuses is alone; that one is recorded as a failed attempt, so that no message blocks
 * others and none is lost.
 */
export async function recordBatch(
  batch: readonly ReadMessage[],
  context: RecordContext,
): Promise<void> {
  try {
    await untilAnswered(context, () => recordOnce(batch, context));
  } catch (error) {
    if (isTransientDatabaseError(error)) throw error;
    await recordApart(batch, error, context);
  }
}

async function recordApart(
  batch: readonly ReadMessage[],
  error: unknown,
  context: RecordContext,
): Promise<void> {
  const [only] = batch;
  if (batch.length > 1) {
    const middle = Math.ceil(batch.length / 2);
    await recordBatch(batch.slice(0, middle), context);
    await recordBatch(batch.slice(middle), context);
  } else if (only !== undefined && only.kind === "done") {
    context.logger.error({ err: error, task: only.message.task }, "a result cannot be recorded");
    await recordBatch([asFailedAttempt(only, whyNotRecorded(error))], context);
  } else {
    // The message ends here; the reconciler finds its task and dispatches it again.
    context.logger.error({ err: error, kind: only?.kind }, "a message cannot be recorded");
  }
}

/** A result blob that was collected meanwhile is produced again by the next attempt. */
function whyNotRecorded(error: unknown): AxialError {
  if (error instanceof AxialError) return new AxialError("blob-missing", { cause: error });
  return new AxialError("internal", { detail: "the database refused the result" });
}

async function recordOnce(batch: readonly ReadMessage[], context: RecordContext): Promise<void> {
  const now = (context.now ?? Date.now)();
  const attempts = batch.filter((read) => read.kind !== "worker");
  const said = batch.flatMap((read) => (read.kind === "worker" ? [read.said] : []));
  const decisions = await withReprieve((reprieved) =>
    context.db.transaction().execute(async (trx): Promise<Decisions> => {
      const ids = new Set(attempts.map((attempt) => attempt.message.task));
      const tasks = await lockTasks(trx, [...ids]);
      const decided = decide(attempts, tasks, { now, random: context.random ?? Math.random });
      if (reprieved) await reprieve(trx, context.blobs, blobsOf(attempts));
      await writeOutcomes(trx, decided.outcomes);
      await announceWorkers(trx, said);
      return decided;
    }),
  );
  countOutcomes(context.metrics, decisions.outcomes, now);
  if (decisions.stale > 0) context.metrics.staleResultsTotal.inc(decisions.stale);
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

async function untilAnswered(context: RecordContext, work: () => Promise<void>): Promise<void> {
  for (;;) {
    try {
      await work();
      return context.outage.worked();
    } catch (error) {
      if (!isTransientDatabaseError(error) || context.closing.aborted) throw error;
      context.outage.failed(error);
      await delay(RETRY_PAUSE_MS);
    }
  }
}

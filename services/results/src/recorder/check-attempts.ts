import { setTimeout as delay } from "node:timers/promises";
import {
  AxialError,
  asAxialError,
  parseAs,
  type TaskId,
  type TaskInput,
  TaskInputSchema,
} from "@axial/contracts";
import { OutageLog } from "@axial/kit";
import { type AskedTask, readAskedTasks } from "@axial/store/recording";
import type { Dependencies } from "../dependencies.ts";
import { type AttemptMessage, asFailedAttempt } from "./attempt-message.ts";
import { checkResult } from "./check-result.ts";
import { readResultBytes } from "./read-result-bytes.ts";

/** Pause between tries to read an input while the blob store does not answer. */
const BLOB_PAUSE_MS = 250;
/** An input that cannot be read for this long fails the attempt; its inference is repeated. */
const BLOB_DEADLINE_MS = 60_000;

/** What results are compared with. */
export type CheckContext = Pick<Dependencies, "db" | "blobs" | "models" | "logger"> & {
  /** Aborted when the recorder is closing: it stops waiting for a store that is down. */
  readonly closing: AbortSignal;
};

/**
 * The attempts, those with a result that does not fit its task as failures. Rejects when the
 * database does not answer.
 */
export async function checkAttempts<Other extends { readonly kind: string }>(
  batch: readonly (AttemptMessage | Other)[],
  context: CheckContext,
): Promise<(AttemptMessage | Other)[]> {
  const done = batch.filter(isDone);
  const ids = [...new Set(done.map(({ message }) => message.task))];
  const tasks = new Map<TaskId, AskedTask>();
  for (const task of await readAskedTasks(context.db, ids)) tasks.set(task.id, task);
  return Promise.all(
    batch.map((read) => {
      const task = isDone(read) ? tasks.get(read.message.task) : undefined;
      // What is gone, or at another attempt, is stale: it is not worth reading an input.
      if (!isDone(read) || task?.attempt !== read.message.attempt) return read;
      return checked(read, task, context);
    }),
  );
}

type Done = Extract<AttemptMessage, { kind: "done" }>;

function isDone(read: { readonly kind: string }): read is Done {
  return read.kind === "done";
}

async function checked(
  read: Done,
  task: AskedTask,
  context: CheckContext,
): Promise<AttemptMessage> {
  try {
    const input = await readInput(task, context);
    const pkg = await context.models.find(task.model_id, task.model_version);
    if (pkg === undefined) {
      throw new AxialError("package-missing", { detail: `${task.model_id} ${task.model_version}` });
    }
    checkResult(read.result, { id: task.id, input, pkg });
    return read;
  } catch (thrown) {
    const error = asAxialError(thrown);
    if (error.code === "result-mismatch") {
      context.logger.error(
        { task: task.id, field: error.detail },
        "a result does not fit its task",
      );
    }
    return asFailedAttempt(read, error);
  }
}

async function readInput(
  { input }: AskedTask,
  { blobs, logger, closing }: CheckContext,
): Promise<TaskInput> {
  const outage = new OutageLog(logger, "blob store");
  const deadline = Date.now() + BLOB_DEADLINE_MS;
  for (;;) {
    try {
      const bytes = await readResultBytes(blobs, input);
      const json: unknown = JSON.parse(new TextDecoder().decode(bytes));
      return parseAs(TaskInputSchema, json, "blob-corrupt");
    } catch (error) {
      const final = error instanceof AxialError || closing.aborted || Date.now() > deadline;
      if (final) throw asAxialError(error, "blob-missing");
      outage.failed(error);
      await delay(BLOB_PAUSE_MS);
    }
  }
}

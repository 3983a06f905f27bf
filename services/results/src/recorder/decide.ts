import { AxialError, newId, type TaskId } from "@axial/contracts";
import { backoffMs } from "@axial/kit";
import type { FailureMark, LockedTask, TaskOutcome } from "@axial/store/recording";
import { type AttemptMessage, asFailedAttempt } from "./attempt-message.ts";
import { decideRetry, MAX_HISTORY, PASSING_CEILING_MS } from "./retry-policy.ts";

interface DecideOptions {
  /** Epoch milliseconds. */
  readonly now: number;
  readonly random: () => number;
}

export interface Decisions {
  readonly outcomes: readonly TaskOutcome[];
  /** Messages of attempts that are over: duplicates and zombies. They change nothing. */
  readonly stale: number;
}

/**
 * What a batch of messages does to the tasks they are about. The fence: a message counts only
 * for the attempt that its task is at, while that attempt is in flight, and only the first one;
 * everything else is stale.
 */
export function decide(
  attempts: readonly AttemptMessage[],
  tasks: readonly LockedTask[],
  options: DecideOptions,
): Decisions {
  const open = new Map<TaskId, LockedTask>(tasks.map((task) => [task.id, task]));
  const outcomes: TaskOutcome[] = [];
  for (const attempt of attempts) {
    const task = open.get(attempt.message.task);
    if (task === undefined || !isInFlight(task, attempt.message.attempt)) continue;
    open.delete(task.id);
    outcomes.push(outcomeOf(attempt, task, options));
  }
  return { outcomes, stale: attempts.length - outcomes.length };
}

function isInFlight(task: LockedTask, attempt: number): boolean {
  // Running is set by a reconciler that polls: a short task goes from dispatched to done.
  return task.attempt === attempt && (task.state === "dispatched" || task.state === "running");
}

function outcomeOf(attempt: AttemptMessage, task: LockedTask, options: DecideOptions): TaskOutcome {
  switch (attempt.kind) {
    case "done":
      return isOfItsModel(attempt, task)
        ? { kind: "done", task, prediction: predictionOf(attempt, task, options.now) }
        : failureOf(asFailedAttempt(attempt, ofAnotherModel()), task, options);
    case "refused":
      return { kind: "refused", task, refusal: refusalOf(attempt, task) };
    case "failed":
      return failureOf(attempt, task, options);
    default:
      throw attempt satisfies never;
  }
}

type Attempt<Kind extends AttemptMessage["kind"]> = Extract<AttemptMessage, { kind: Kind }>;

function isOfItsModel({ result }: Attempt<"done">, task: LockedTask): boolean {
  return result.model.id === task.model_id && result.model.version === task.model_version;
}

function ofAnotherModel(): AxialError {
  return new AxialError("internal", { detail: "the result is of another model or version" });
}

function predictionOf({ message, result }: Attempt<"done">, task: LockedTask, now: number) {
  const [first] = result.distributions;
  return {
    id: newId(now),
    task_id: task.id,
    run_id: task.run_id,
    study_id: task.study_id,
    series_id: task.series_id,
    tenant_id: task.tenant_id,
    model_id: result.model.id,
    model_version: result.model.version,
    model_sha256: result.model.sha256,
    evidence: result.model.evidence,
    provider: result.provider,
    label: first?.label ?? "",
    probability: first?.probability ?? 0,
    result: JSON.stringify(result),
    result_blob: message.result,
    attempt: message.attempt,
    // Clocks of two machines: never below zero.
    wait_ms: Math.max(0, message.takenAt - task.created_at.getTime()),
    persist_ms: Math.max(0, now - message.finishedAt),
    created_at: new Date(now),
  };
}

function refusalOf({ code, detail }: Attempt<"refused">, task: LockedTask) {
  return {
    id: newId(),
    run_id: task.run_id,
    task_id: task.id,
    study_id: task.study_id,
    series_id: task.series_id,
    model_id: task.model_id,
    model_version: task.model_version,
    arm: task.arm,
    code,
    facts: JSON.stringify(detail === null ? {} : { detail }),
  };
}

function failureOf(
  { message, failure, crashed }: Attempt<"failed">,
  task: LockedTask,
  { now, random }: DecideOptions,
): TaskOutcome {
  const { code } = failure;
  const alone = crashed && (task.isolate || code === "worker-lost");
  const crashesAlone = task.history.filter((past) => past.alone).length + Number(alone);
  const { failures, final } = decideRetry({ code, failures: task.failures, crashesAlone, alone });
  const at = new Date(now).toISOString();
  const { worker } = message;
  const record = {
    ...{ attempt: task.attempt, at, ...failure },
    ...(worker === undefined ? {} : { worker }),
    ...(alone ? { alone } : {}),
  };
  const mark: FailureMark = {
    code,
    detail: failure.detail ?? null,
    failures,
    isolate: task.isolate || crashed,
    history: [...task.history, record].slice(-MAX_HISTORY),
  };
  if (final) return { kind: "dead", task, mark };
  const counts = failures > task.failures;
  const pause = counts
    ? backoffMs(failures, random)
    : backoffMs(1 + trailing(task.history, code), random, PASSING_CEILING_MS);
  return { kind: "retry", task, mark, notBefore: new Date(now + pause) };
}

/** How many attempts in a row, up to the last, ended with `code`. */
function trailing(history: LockedTask["history"], code: string): number {
  return history.length - 1 - history.findLastIndex((past) => past.code !== code);
}

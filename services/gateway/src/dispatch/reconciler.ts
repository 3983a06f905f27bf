import {
  INFER_QUEUES,
  inferJobId,
  LANES,
  type OutcomeMessage,
  outcomeIds,
  RESULTS_STREAM,
  resultMessageId,
} from "@axial/contracts";
import type { Queues } from "@axial/kit";
import type { Database } from "@axial/store/database";
import {
  type AttemptInFlight,
  attemptsInFlight,
  markRunning,
  returnToPending,
} from "@axial/store/dispatch";

/** A job is looked for after this long: dispatching and adding take milliseconds. */
const LOOK_AFTER_SECONDS = 2;
/** Attempts compared with the queue in one pass, the oldest first. */
const MAX_PER_PASS = 2_000;
/** A worker's own watchdog acts far sooner; this is for a faulty worker. */
const RUNNING_DEADLINE_SECONDS = 900;

/**
 * Compares what Postgres believes to be in flight with the queue: an attempt whose job and whose
 * outcome are both gone was lost with the queue, and its task goes back to the backlog; one that
 * a worker holds is marked running; one that runs past its deadline has failed. Losing the
 * whole queue is thereby a delay, never a loss (invariant 2).
 */
export async function reconcile(db: Database, queues: Queues): Promise<void> {
  const attempts = await attemptsInFlight(db, LOOK_AFTER_SECONDS, MAX_PER_PASS);
  for (const lane of LANES) {
    const ofLane = attempts.filter((attempt) => attempt.lane === lane);
    if (ofLane.length > 0) await reconcileLane(db, queues, ofLane);
  }
}

async function reconcileLane(
  db: Database,
  queues: Queues,
  attempts: readonly AttemptInFlight[],
): Promise<void> {
  const [first] = attempts;
  if (first === undefined) return;
  const { waiting, active } = await queues.jobs.listed(INFER_QUEUES[first.lane]);
  const held = attempts.filter((attempt) => active.has(inferJobId(attempt)));
  const late = held.filter(
    ({ state, seconds }) => state === "running" && seconds > RUNNING_DEADLINE_SECONDS,
  );
  await markRunning(
    db,
    held.filter(({ state }) => state === "dispatched"),
  );
  await giveUp(queues, late);
  const gone = attempts.filter((attempt) => {
    const id = inferJobId(attempt);
    return !active.has(id) && !waiting.has(id);
  });
  await returnToPending(db, await lost(queues, gone), "queue-lost");
}

/** Fails attempts: the recorder decides about their tasks, as for any other. */
async function giveUp(queues: Queues, late: readonly AttemptInFlight[]): Promise<void> {
  const messages = late.map(({ task, attempt }) => {
    const code = "deadline-exceeded";
    const data: OutcomeMessage = { kind: "failed", task, attempt, code };
    return { id: resultMessageId(data), data };
  });
  await queues.streams.append(RESULTS_STREAM, messages);
}

/**
 * Those of attempts without a job whose outcome does not lie on the stream of results either
 * (results may be slow, or down). What is missed in both is looked for once more, each job by
 * itself and then the outcomes: a job ends only after its outcome was appended.
 */
async function lost(queues: Queues, gone: readonly AttemptInFlight[]): Promise<AttemptInFlight[]> {
  const silent = await withoutOutcome(queues, gone);
  return withoutOutcome(queues, await withoutJob(queues, silent));
}

async function withoutOutcome(
  queues: Queues,
  attempts: readonly AttemptInFlight[],
): Promise<AttemptInFlight[]> {
  if (attempts.length === 0) return [];
  const outcomes = await queues.streams.unsettled(RESULTS_STREAM);
  return attempts.filter((attempt) => outcomeIds(attempt).every((id) => !outcomes.has(id)));
}

async function withoutJob(
  queues: Queues,
  attempts: readonly AttemptInFlight[],
): Promise<AttemptInFlight[]> {
  const [first] = attempts;
  if (first === undefined) return [];
  const states = await queues.jobs.states(INFER_QUEUES[first.lane], attempts.map(inferJobId));
  return attempts.filter((_, index) => states[index] === "missing");
}

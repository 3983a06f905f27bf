import { setTimeout as delay } from "node:timers/promises";
import { INFER_QUEUES, inferJobId } from "@axial/contracts";
import type { Queues } from "@axial/kit";
import type { WithdrawnJob } from "@axial/store";

/** A queue that is down must not hold up who only wants to tell it. */
const WITHIN_MS = 2_000;

/**
 * Takes jobs off the queue that nobody has taken yet: their tasks are cancelled. Only a saving,
 * so failing is fine: a worker that runs one of them has its result dropped as stale.
 */
export async function withdrawJobs(queues: Queues, jobs: readonly WithdrawnJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const removals = jobs.map((job) => queues.remove(INFER_QUEUES[job.lane], inferJobId(job)));
  const late = delay(WITHIN_MS, undefined, { ref: false });
  await Promise.race([Promise.allSettled(removals), late]);
}

import { setTimeout as delay } from "node:timers/promises";
import { INFER_QUEUES, type InferJob, inferJobId } from "@axial/contracts";
import type { Queues } from "./queues.ts";

type WithdrawnJob = Pick<InferJob, "task" | "attempt" | "lane">;

/** A queue that is down must not hold up its caller. */
const WITHIN_MS = 2_000;
/** Workers look every second; a job that comes to another after a lost worker comes in seconds. */
const KEPT_MS = 60_000;

/**
 * Withdraws jobs whose tasks are cancelled: removes waiting ones from the queue, and notifies the
 * workers that may hold the others. Only an optimisation, so it may fail: a result that comes
 * anyway is dropped as stale.
 */
export async function withdrawJobs(queues: Queues, jobs: readonly WithdrawnJob[]): Promise<void> {
  if (jobs.length === 0) return;
  const late = delay(WITHIN_MS, undefined, { ref: false });
  await Promise.race([takeBack(queues, jobs).catch(() => {}), late]);
}

async function takeBack(queues: Queues, jobs: readonly WithdrawnJob[]): Promise<void> {
  const removals = await Promise.allSettled(
    jobs.map((job) => queues.jobs.remove(INFER_QUEUES[job.lane], inferJobId(job))),
  );
  const held = jobs.filter((_, index) => {
    const removal = removals[index];
    return removal?.status !== "fulfilled" || !removal.value;
  });
  if (held.length === 0) return;
  await queues.withdrawals.forget(Date.now() - KEPT_MS);
  await queues.withdrawals.add(held.map(inferJobId));
}

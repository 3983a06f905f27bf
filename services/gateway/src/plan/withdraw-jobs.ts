import { INFER_QUEUES, inferJobId } from "@axial/contracts";
import type { Queues } from "@axial/kit";
import type { WithdrawnJob } from "@axial/store";

/**
 * Takes jobs off the queue that nobody has taken yet: their tasks are cancelled. Only a saving,
 * so failing is fine: a worker that runs one of them has its result dropped as stale.
 */
export async function withdrawJobs(queues: Queues, jobs: readonly WithdrawnJob[]): Promise<void> {
  const removals = jobs.map((job) => queues.remove(INFER_QUEUES[job.lane], inferJobId(job)));
  await Promise.allSettled(removals);
}

import { INFER_QUEUES, InferJobSchema, inferJobId, LANES } from "@axial/contracts";
import type { Queues } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { attemptsOver } from "@axial/store/retention";
import { Value } from "typebox/value";

/** Jobs that have waited this long may be obsolete. */
const OLD_MS = 3_600_000;
/** Jobs looked at per lane and turn, the oldest first. */
const BATCH = 1_000;

/**
 * Takes jobs off the lanes whose attempts are over in Postgres, and forgets old
 * withdrawals. Returns how many jobs.
 */
export async function removeLeftovers(
  db: Database,
  queues: Queues,
  now: number = Date.now(),
): Promise<number> {
  let removed = 0;
  for (const lane of LANES) {
    const queue = INFER_QUEUES[lane];
    const waiting = await queues.jobs.waitingSince(queue, now - OLD_MS, BATCH);
    const jobs = waiting.flatMap(({ data }) => (Value.Check(InferJobSchema, data) ? [data] : []));
    for (const attempt of await attemptsOver(db, jobs)) {
      if (await queues.jobs.remove(queue, inferJobId(attempt))) removed += 1;
    }
  }
  await queues.withdrawals.forget(now - OLD_MS);
  return removed;
}

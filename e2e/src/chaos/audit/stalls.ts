import type { Stack } from "../stack/stack.ts";
import { query } from "./query.ts";

interface RunTimes {
  /** Epoch seconds. */
  readonly created: number;
  readonly completed: number | null;
}

/** The longest time, in seconds, in which closed studies waited and none of them was finished. */
export async function longestStall(stack: Stack): Promise<number> {
  const runs = await query<RunTimes>(
    stack.databaseUrl,
    `SELECT extract(epoch FROM least(run.created_at, study.closed_at))::float8 AS created,
      extract(epoch FROM run.completed_at)::float8 AS completed
      FROM run JOIN study ON study.id = run.study_id`,
  );
  return stallOf(runs);
}

/** The same out of the runs' times: between two ends, from when the first waiting run began. */
function stallOf(runs: readonly RunTimes[]): number {
  const ends = runs.flatMap(({ completed }) => completed ?? []).sort((a, b) => a - b);
  const begins = runs
    .map(({ created, completed }) => ({
      created,
      completed: completed ?? Number.POSITIVE_INFINITY,
    }))
    .sort((a, b) => a.completed - b.completed);
  // Walking back from the last end, the oldest beginning among the runs that end then or later.
  let oldest = Number.POSITIVE_INFINITY;
  let at = begins.length - 1;
  let longest = 0;
  for (let index = ends.length - 1; index >= 0; index--) {
    const end = ends[index] ?? 0;
    for (let run = begins[at]; run !== undefined && run.completed >= end; run = begins[at]) {
      oldest = Math.min(oldest, run.created);
      at -= 1;
    }
    longest = Math.max(longest, end - Math.max(ends[index - 1] ?? oldest, oldest));
  }
  return longest;
}

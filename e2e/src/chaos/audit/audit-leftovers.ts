import { PassThrough } from "node:stream";
import { setTimeout as delay } from "node:timers/promises";
import { INFER_QUEUES, LANES, RESULTS_STREAM } from "@axial/contracts";
import { createLogger, openQueues, type Queues } from "@axial/kit";
import type { Stack } from "../stack/stack.ts";
import { query } from "./query.ts";

/** Everything unfinished; all of it must end. */
const UNFINISHED = `
  SELECT 'study ' || state AS what, count(*)::integer AS count FROM study
    WHERE state IN ('receiving', 'closed') OR plan_reason IS NOT NULL GROUP BY state
  UNION ALL SELECT 'run ' || state, count(*)::integer FROM run WHERE state = 'active' GROUP BY state
  UNION ALL SELECT 'task ' || state, count(*)::integer FROM task
    WHERE state IN ('pending', 'dispatched', 'running') GROUP BY state
  UNION ALL SELECT 'delivery ' || state, count(*)::integer FROM delivery
    WHERE state = 'pending' GROUP BY state`;

/** What is unfinished, as `task running: 2`; empty when all is done. */
export async function unfinished(stack: Stack): Promise<string[]> {
  const rows = await query<{ what: string; count: number }>(stack.databaseUrl, UNFINISHED);
  return rows.map(({ what, count }) => `${what}: ${count}`);
}

/** Tasks that were given up, with the codes of their attempts. */
export function deadTasks(stack: Stack): Promise<{ history: readonly { code: string }[] }[]> {
  return query(stack.databaseUrl, "SELECT history FROM task WHERE state = 'dead'");
}

/** An announcement of a worker is on its way for milliseconds; what is there after so long lies there. */
const LIES_AFTER_MS = 2_000;

/** Jobs and messages that lie on a queue or stream when there is no work. */
export async function queueLeftovers(stack: Stack): Promise<string[]> {
  const logger = createLogger({ service: "chaos", destination: new PassThrough() });
  const queues = openQueues(stack.queueUrl, { logger });
  try {
    const seen = new Set(await jobsOn(queues));
    if (seen.size > 0) await delay(LIES_AFTER_MS);
    return (await jobsOn(queues)).filter((job) => seen.has(job));
  } finally {
    await queues.close();
  }
}

async function jobsOn(queues: Queues): Promise<string[]> {
  const jobs = await Promise.all(
    LANES.map(async (lane) => {
      const { waiting, active } = await queues.jobs.listed(INFER_QUEUES[lane]);
      return [
        ...[...waiting].map((id) => `${INFER_QUEUES[lane]}: ${id} waits`),
        ...[...active].map((id) => `${INFER_QUEUES[lane]}: ${id} runs`),
      ];
    }),
  );
  const messages = await queues.streams.unsettled(RESULTS_STREAM);
  return [...jobs.flat(), ...[...messages].map((id) => `${RESULTS_STREAM}: ${id} waits`)];
}

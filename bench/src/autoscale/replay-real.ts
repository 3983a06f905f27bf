import { setTimeout as delay } from "node:timers/promises";
import { LANES, type Lane } from "@axial/contracts";
import type { Database } from "@axial/store/database";
import { sql } from "kysely";
import { databaseTime, untilCompleted } from "../control/completed.ts";
import type { ControlPlane } from "../control/control-plane.ts";
import { insertPending } from "../control/pending-tasks.ts";
import { RealPool } from "./real-pool.ts";
import type { ScalingRule } from "./scaling-rule.ts";
import type { Device, Simulated } from "./simulate.ts";
import type { Job } from "./traffic.ts";

/** What the replay of the real stack has in common with the model's. */
export type Replayed = Pick<Simulated, "latencies" | "deviceHours" | "mostWorkers" | "endedAt">;

interface RealReplay {
  readonly plane: ControlPlane;
  /** All of one size, in the order of their arrival. */
  readonly jobs: readonly Job[];
  readonly rules: readonly ScalingRule[];
  readonly device: Device;
}

/**
 * The same traffic as the model's, on a real gateway, queue and results: its jobs become pending
 * tasks when their time comes, and workers are processes that the rules start and stop.
 */
export async function replayReal({ plane, jobs, rules, device }: RealReplay): Promise<Replayed> {
  let began = Date.now();
  const now = () => (Date.now() - began) / 1_000;
  const pools = rules.map((rule) => new RealPool(rule, { plane, device, now }));
  await Promise.all(pools.map((pool) => pool.begin()));
  const from = await databaseTime(plane.db);
  began = Date.now();
  const stopped = new AbortController();
  let mostWorkers = 0;
  const polling = pools.map(async (pool, index) => {
    for (; !stopped.signal.aborted; await delay((rules[index]?.pollSeconds ?? 1) * 1_000)) {
      await pool.poll();
      mostWorkers = Math.max(
        mostWorkers,
        pools.reduce((sum, { workers }) => sum + workers, 0),
      );
    }
  });
  await insertAsTheyCome(plane, jobs, now);
  await untilCompleted(plane.db, from, jobs.length);
  const endedAt = now();
  stopped.abort();
  await Promise.all(polling);
  const deviceSeconds = pools.reduce((sum, pool) => sum + pool.paidSeconds(endedAt), 0);
  await Promise.all(pools.map((pool) => pool.end()));
  return {
    latencies: await readLatencies(plane.db, from),
    deviceHours: deviceSeconds / 3_600,
    mostWorkers,
    endedAt,
  };
}

async function insertAsTheyCome(
  plane: ControlPlane,
  jobs: readonly Job[],
  now: () => number,
): Promise<void> {
  const moments = [...Map.groupBy(jobs, ({ lane, arrivedAt }) => `${arrivedAt} ${lane}`).values()];
  for (const together of moments) {
    const { arrivedAt, lane } = together[0] as Job;
    await delay(Math.max(0, (arrivedAt - now()) * 1_000));
    await insertPending(plane, {
      tenant: "default",
      lane,
      studies: together.length,
    });
  }
}

/** Seconds from the task's row to its prediction's. */
async function readLatencies(db: Database, from: Date): Promise<Simulated["latencies"]> {
  const { rows } = await sql<{ lane: Lane; seconds: number }>`
    SELECT task.lane, extract(epoch FROM prediction.created_at - task.created_at)::float8 AS seconds
    FROM prediction JOIN task ON task.id = prediction.task_id
    WHERE prediction.created_at >= ${from} ORDER BY seconds`.execute(db);
  const of = (lane: Lane) => rows.filter((row) => row.lane === lane).map(({ seconds }) => seconds);
  return Object.fromEntries(LANES.map((lane) => [lane, of(lane)])) as Record<Lane, number[]>;
}

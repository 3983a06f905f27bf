import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "@axial/store/database";
import { notify } from "@axial/store/notify";
import { sql } from "kysely";
import { databaseTime, untilCompleted } from "./control/completed.ts";
import { type ControlPlane, startControlPlane } from "./control/control-plane.ts";
import { insertPending } from "./control/pending-tasks.ts";
import { queueKinds } from "./control/queue-server.ts";
import { SIMULATED_SLICES } from "./control/simulated-model.ts";
import { type BenchOptions, median, rounded } from "./figures.ts";

const LARGE = 100_000;
const SMALL = 100;
const ROUNDS = 5;
/** 125 jobs of 16 images a second: slow enough that the dispatcher decides who is served. */
const WORKER = {
  workers: 1,
  imagesPerSecond: 2_000,
  capacity: 32,
  lanes: ["backfill"],
} as const;

/**
 * Share of the throughput that a tenant with 100 studies gets beside one with 100,000, while
 * both have work and both began at the same moment. Equal weights: one half is fair.
 */
export async function runFairness({ quick }: BenchOptions): Promise<object> {
  const sizes = { large: quick ? 500 : LARGE, small: quick ? 10 : SMALL };
  const [kind = "postgres"] = queueKinds();
  const plane = await startControlPlane(kind);
  const worker = await plane.startWorkers(WORKER);
  try {
    await pause(plane.db, true);
    await insert(plane, "large", sizes.large);
    const shares: number[] = [];
    for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
      shares.push(await shareOfSmall(plane, sizes.small));
    }
    return {
      bench: "fairness",
      share: rounded(median(shares), 3),
      shares: shares.map((share) => rounded(share, 3)),
      fairShare: 0.5,
      ...sizes,
      queue: kind,
      jobsPerSecondOfWorker: WORKER.imagesPerSecond / SIMULATED_SLICES,
    };
  } finally {
    await worker.stop();
    await plane.stop();
  }
}

/** Of what was done until the small tenant's last study, how much was the small tenant's. */
async function shareOfSmall(plane: ControlPlane, small: number): Promise<number> {
  const { db } = plane;
  await insert(plane, "small", small);
  const from = await databaseTime(db);
  await pause(db, false);
  for (;;) {
    const counts = await countSince(db, from);
    if (counts.small >= small) {
      await pause(db, true);
      await untilIdle(db);
      const done = await countSince(db, from);
      return done.small / (done.small + done.large);
    }
    await untilCompleted(db, from, counts.small + counts.large + 1);
  }
}

/**
 * What both tenants had done when the worker finished the small one's last job, by the worker's
 * clock, because the recorder commits up to 64 at once.
 */
async function countSince(db: Database, from: Date): Promise<{ small: number; large: number }> {
  const { rows } = await sql<{ small: number; large: number }>`
    WITH done AS (
      SELECT tenant_id, created_at - persist_ms * interval '1 millisecond' AS finished_at
      FROM prediction WHERE created_at >= ${from})
    SELECT count(*) FILTER (WHERE tenant_id = 'small')::integer AS small,
      count(*) FILTER (WHERE tenant_id = 'large' AND finished_at <= (SELECT max(finished_at)
        FROM done WHERE tenant_id = 'small'))::integer AS large
    FROM done`.execute(db);
  return rows[0] ?? { small: 0, large: 0 };
}

async function insert(plane: ControlPlane, tenant: string, studies: number): Promise<void> {
  await insertPending(plane, { tenant, lane: "backfill", studies });
}

async function pause(db: Database, paused: boolean): Promise<void> {
  await sql`INSERT INTO tenant (id) VALUES ('large'), ('small') ON CONFLICT DO NOTHING`.execute(db);
  await sql`UPDATE tenant SET paused = ${paused} WHERE id IN ('large', 'small')`.execute(db);
  await notify(db, { event: "tasks-pending" });
}

async function untilIdle(db: Database): Promise<void> {
  for (;;) {
    const { rows } = await sql`SELECT 1 FROM task WHERE state IN ('dispatched', 'running')
      LIMIT 1`.execute(db);
    if (rows.length === 0) return;
    await delay(50);
  }
}

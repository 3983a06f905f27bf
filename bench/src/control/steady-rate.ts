import { setTimeout as delay } from "node:timers/promises";
import type { Database } from "@axial/store/database";
import { notify } from "@axial/store/notify";
import { sql } from "kysely";
import { rounded } from "../figures.ts";
import type { ControlPlane, PlaneCpu } from "./control-plane.ts";
import { insertPending } from "./pending-tasks.ts";
import type { WorkersProcess } from "./simulated-workers.ts";

const TENANT = "default";
const LANE = "backfill";
const LOOK_EVERY_MS = 50;
const GIVE_UP_AFTER_MS = 120_000;

interface SteadyRequest {
  /** Pending tasks when the workers begin; enough for the warm-up and what is measured. */
  readonly backlog: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  startWorkers(): Promise<readonly WorkersProcess[]>;
}

type Cpu = PlaneCpu & { readonly simulatedWorkers: number };

/** Jobs recorded so far, the time, and the CPU seconds spent. */
interface Reading {
  readonly jobs: number;
  readonly seconds: number;
  readonly cpu: Cpu;
}

/**
 * Jobs per second while a backlog that does not end is worked on: rows are written, and workers
 * started, before what is measured begins. CPU is counted per part, because all share the machine.
 */
export async function steadyRate(plane: ControlPlane, request: SteadyRequest) {
  const { db } = plane;
  await pause(db, true);
  await topUp(plane, request.backlog);
  const workers = await request.startWorkers();
  try {
    const before = await recorded(db);
    await pause(db, false);
    await untilRecorded(db, before + 1);
    await delay(request.warmUpSeconds * 1_000);
    const first = await read(plane, workers);
    await plane.eventLoopP99Ms();
    await delay(request.seconds * 1_000);
    const last = await read(plane, workers);
    const eventLoopP99Ms = await plane.eventLoopP99Ms();
    await pause(db, true);
    await untilNothingIsInFlight(db);
    return { ...difference(first, last), eventLoopP99Ms };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

async function read(plane: ControlPlane, workers: readonly WorkersProcess[]): Promise<Reading> {
  const [jobs, cpu, ofWorkers] = await Promise.all([
    recorded(plane.db),
    plane.cpu(),
    Promise.all(workers.map((worker) => worker.cpu())),
  ]);
  const simulatedWorkers = ofWorkers.reduce((sum, one) => sum + one, 0);
  return { jobs, seconds: performance.now() / 1_000, cpu: { ...cpu, simulatedWorkers } };
}

function difference(first: Reading, last: Reading) {
  const jobs = last.jobs - first.jobs;
  const of = (part: keyof Cpu) => ((last.cpu[part] - first.cpu[part]) * 1_000) / jobs;
  const plane = of("gateway") + of("results") + of("queue") + of("postgres");
  return {
    jobs,
    jobsPerSecond: jobs / (last.seconds - first.seconds),
    /** Of the control plane alone. */
    planeMsPerJob: plane,
    cpuMsPerJob: {
      gateway: rounded(of("gateway"), 3),
      queue: rounded(of("queue"), 3),
      results: rounded(of("results"), 3),
      postgres: rounded(of("postgres"), 3),
      simulatedWorkers: rounded(of("simulatedWorkers"), 3),
    },
  };
}

async function topUp(plane: ControlPlane, backlog: number): Promise<void> {
  const { db } = plane;
  const { rows } = await sql<{ pending: number }>`
    SELECT count(*)::integer AS pending FROM task WHERE state = 'pending'`.execute(db);
  const studies = backlog - (rows[0]?.pending ?? 0);
  if (studies > 0) {
    await insertPending(plane, { tenant: TENANT, lane: LANE, studies });
  }
}

async function pause(db: Database, paused: boolean): Promise<void> {
  await sql`UPDATE tenant SET paused = ${paused} WHERE id = ${TENANT}`.execute(db);
  await notify(db, { event: "tasks-pending" });
}

async function recorded(db: Database): Promise<number> {
  const { rows } = await sql<{ jobs: number }>`
    SELECT count(*)::integer AS jobs FROM prediction`.execute(db);
  return rows[0]?.jobs ?? 0;
}

async function untilRecorded(db: Database, jobs: number): Promise<void> {
  await until("a job was recorded", async () => (await recorded(db)) >= jobs);
}

async function untilNothingIsInFlight(db: Database): Promise<void> {
  await until("nothing was in flight", async () => {
    const { rows } = await sql`SELECT FROM task WHERE state IN ('dispatched', 'running')
      LIMIT 1`.execute(db);
    return rows.length === 0;
  });
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + GIVE_UP_AFTER_MS;
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await delay(LOOK_EVERY_MS);
  }
}

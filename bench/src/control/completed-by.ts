import { rounded } from "../figures.ts";
import { databaseTime, untilCompleted } from "./completed.ts";
import type { ControlPlane, PlaneCpu } from "./control-plane.ts";
import { insertPending } from "./pending-tasks.ts";
import type { WorkersProcess } from "./simulated-workers.ts";

export interface WorkRequest {
  readonly jobs: number;
  startWorkers(): Promise<readonly WorkersProcess[]>;
}

/** Has `jobs` pending tasks done by workers that live as long, and says what it took. */
export async function completedBy(plane: ControlPlane, { jobs, startWorkers }: WorkRequest) {
  const workers = await startWorkers();
  try {
    const before = await cpuNow(plane, workers);
    const from = await databaseTime(plane.db);
    await insertPending(plane.db, {
      tenant: "default",
      lane: "backfill",
      studies: jobs,
      tasksPerStudy: 1,
    });
    const { seconds } = await untilCompleted(plane.db, from, jobs);
    return { seconds, cpuMsPerJob: perJob(before, await cpuNow(plane, workers), jobs) };
  } finally {
    await Promise.all(workers.map((worker) => worker.stop()));
  }
}

type Cpu = PlaneCpu & { readonly simulatedWorkers: number };

async function cpuNow(plane: ControlPlane, workers: readonly WorkersProcess[]): Promise<Cpu> {
  const seconds = await Promise.all(workers.map((worker) => worker.cpu()));
  return { ...(await plane.cpu()), simulatedWorkers: seconds.reduce((sum, one) => sum + one, 0) };
}

function perJob(before: Cpu, after: Cpu, jobs: number) {
  const of = (part: keyof Cpu) => rounded(((after[part] - before[part]) * 1_000) / jobs, 3);
  return {
    gateway: of("gateway"),
    queue: of("queue"),
    results: of("results"),
    postgres: of("postgres"),
    simulatedWorkers: of("simulatedWorkers"),
  };
}

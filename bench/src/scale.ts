import { type ControlPlane, startControlPlane } from "./control/control-plane.ts";
import { type QueueKind, queueKinds } from "./control/queue-server.ts";
import { SIMULATED_SLICES } from "./control/simulated-model.ts";
import { steadyRate } from "./control/steady-rate.ts";
import { type BenchOptions, rounded } from "./figures.ts";

/** Jobs that a worker holds: sixteen batches of a GPU's 64 images. */
const CAPACITY = 64;
/** Below this share of the workers' capacity, something else is the limit. */
const KNEE_SHARE = 0.9;
/** The backlog of a step is sized for at most this many jobs per second. */
const MAX_RATE = 3_000;
/** A consumer on PostgreSQL holds connections of its own; a server has 200 in all. */
const MAX_WORKERS_ON_POSTGRES = 16;
const CORES = 2;

interface Step {
  readonly processes: number;
  readonly workersPerProcess: number;
  readonly imagesPerSecond: number;
}

/** One, two and four processes of one slow device each; then up to 64 fast ones in a process. */
const STEPS: readonly Step[] = [
  ...[1, 2, 4].map((processes) => ({ processes, workersPerProcess: 1, imagesPerSecond: 500 })),
  ...[1, 2, 4, 16, 64].map((workersPerProcess) => ({
    processes: 1,
    workersPerProcess,
    imagesPerSecond: 10_000,
  })),
];
const QUICK_STEPS: readonly Step[] = [
  { processes: 1, workersPerProcess: 2, imagesPerSecond: 1_000 },
];
const TIMES = { warmUpSeconds: 2, seconds: 5 };
const QUICK_TIMES = { warmUpSeconds: 0.5, seconds: 2 };

/**
 * Series jobs per second from pending row to recorded prediction (dispatcher, queue, supervisor,
 * results queue, recorder), with workers whose devices only wait. Where the throughput no longer
 * follows what the devices could do, the control plane is the limit: the knee.
 */
export async function runScale({ quick }: BenchOptions): Promise<object> {
  const backends: Record<string, object> = {};
  for (const kind of queueKinds()) backends[kind] = await measureBackend(kind, quick);
  return {
    bench: "scale",
    ...backends,
    imagesPerJob: SIMULATED_SLICES,
    capacityPerWorker: CAPACITY,
    shares: "one machine for everything, simulated workers included",
  };
}

async function measureBackend(kind: QueueKind, quick: boolean) {
  const plane = await startControlPlane(kind);
  try {
    const steps = [];
    for (const step of stepsOf(kind, quick)) steps.push(await measure(plane, step, quick));
    const best = steps.reduce((a, b) => (b.jobsPerSecond > a.jobsPerSecond ? b : a));
    return {
      jobsPerSecond: best.jobsPerSecond,
      kneeWorkers: steps.find(({ ofOffered }) => ofOffered < KNEE_SHARE)?.workers ?? null,
      planeMsPerJob: best.planeMsPerJob,
      jobsPerSecondOfTwoCores: rounded((CORES * 1_000) / best.planeMsPerJob, 0),
      steps,
    };
  } finally {
    await plane.stop();
  }
}

function stepsOf(kind: QueueKind, quick: boolean): readonly Step[] {
  if (quick) return QUICK_STEPS;
  if (kind === "redis") return STEPS;
  return STEPS.filter(({ workersPerProcess }) => workersPerProcess <= MAX_WORKERS_ON_POSTGRES);
}

async function measure(plane: ControlPlane, step: Step, quick: boolean) {
  const { processes, workersPerProcess, imagesPerSecond } = step;
  const workers = processes * workersPerProcess;
  const offered = (workers * imagesPerSecond) / SIMULATED_SLICES;
  const times = quick ? QUICK_TIMES : TIMES;
  const seconds = times.warmUpSeconds + times.seconds + 1;
  const options = { workers: workersPerProcess, imagesPerSecond };
  const rate = await steadyRate(plane, {
    ...times,
    backlog: Math.round(Math.min(MAX_RATE, offered) * seconds),
    startWorkers: () =>
      Promise.all(
        Array.from({ length: processes }, () =>
          plane.startWorkers({ ...options, capacity: CAPACITY, lanes: ["backfill"] }),
        ),
      ),
  });
  return {
    processes,
    workers,
    imagesPerSecondPerWorker: imagesPerSecond,
    offeredPerSecond: rounded(offered, 0),
    ...rate,
    jobsPerSecond: rounded(rate.jobsPerSecond, 0),
    ofOffered: rounded(rate.jobsPerSecond / offered, 2),
    planeMsPerJob: rounded(rate.planeMsPerJob, 3),
  };
}

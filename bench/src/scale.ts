import { completedBy } from "./control/completed-by.ts";
import { type ControlPlane, startControlPlane } from "./control/control-plane.ts";
import { type QueueKind, queueKinds } from "./control/queue-server.ts";
import { type BenchOptions, rounded } from "./figures.ts";

/** A series of this many images is a job. */
const IMAGES = 16;
/** Jobs that a worker holds: four batches of a GPU's 64. */
const CAPACITY = 256;
/** Beyond this much of what the workers could do, they are what limits. */
const KNEE_SHARE = 0.9;

interface Step {
  readonly processes: number;
  readonly workersPerProcess: number;
  readonly imagesPerSecond: number;
}

/** One, two and four processes of one slow device each; then up to 64 fast ones in a process. */
const STEPS: readonly Step[] = [
  ...[1, 2, 4].map((processes) => ({ processes, workersPerProcess: 1, imagesPerSecond: 500 })),
  ...[1, 2, 4, 8, 16, 64].map((workersPerProcess) => ({
    processes: 1,
    workersPerProcess,
    imagesPerSecond: 10_000,
  })),
];
const QUICK_STEPS: readonly Step[] = [
  { processes: 1, workersPerProcess: 2, imagesPerSecond: 10_000 },
];
const SECONDS_PER_STEP = 4;
const MAX_JOBS = 6_000;

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
    imagesPerJob: IMAGES,
    capacityPerWorker: CAPACITY,
    shares: "two cores for everything, simulated workers included",
  };
}

async function measureBackend(kind: QueueKind, quick: boolean) {
  const plane = await startControlPlane(kind);
  try {
    await measureStep(plane, { processes: 1, workersPerProcess: 1, imagesPerSecond: 10_000 }, 50);
    const steps = [];
    for (const step of quick ? QUICK_STEPS : STEPS) {
      const jobs = quick ? 60 : Math.min(MAX_JOBS, Math.round(offered(step) * SECONDS_PER_STEP));
      steps.push(await measureStep(plane, step, jobs));
    }
    const limited = steps.filter(({ ofOffered }) => ofOffered < KNEE_SHARE);
    return {
      jobsPerSecond: Math.max(...steps.map((step) => step.jobsPerSecond)),
      kneeWorkers: limited[0]?.workers ?? null,
      steps,
    };
  } finally {
    await plane.stop();
  }
}

/** Jobs per second that the devices of a step could do. */
function offered({ processes, workersPerProcess, imagesPerSecond }: Step): number {
  return (processes * workersPerProcess * imagesPerSecond) / IMAGES;
}

async function measureStep(plane: ControlPlane, step: Step, jobs: number) {
  const { processes, workersPerProcess, imagesPerSecond } = step;
  const options = { workers: workersPerProcess, imagesPerSecond, images: IMAGES };
  const run = await completedBy(plane, {
    jobs,
    startWorkers: () =>
      Promise.all(
        Array.from({ length: processes }, () =>
          plane.startWorkers({ ...options, capacity: CAPACITY, lanes: ["backfill"] }),
        ),
      ),
  });
  const jobsPerSecond = jobs / run.seconds;
  return {
    processes,
    workers: processes * workersPerProcess,
    imagesPerSecondPerWorker: imagesPerSecond,
    jobs,
    jobsPerSecond: rounded(jobsPerSecond, 0),
    ofOffered: rounded(jobsPerSecond / offered(step), 2),
    cpuMsPerJob: run.cpuMsPerJob,
  };
}

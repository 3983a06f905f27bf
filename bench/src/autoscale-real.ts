import { seededRandom } from "@axial/testkit";
import { type BurstOptions, burstOf, type Phase } from "./autoscale/burst.ts";
import { DEPLOYED_RULES } from "./autoscale/deployed-rules.ts";
import { type Replayed, replayReal } from "./autoscale/replay-real.ts";
import { compressed, readScalingRule } from "./autoscale/scaling-rule.ts";
import { type Device, simulate } from "./autoscale/simulate.ts";
import { startControlPlane } from "./control/control-plane.ts";
import { queueKinds } from "./control/queue-server.ts";
import { SIMULATED_SLICES } from "./control/simulated-model.ts";
import { type BenchOptions, quantile, rounded } from "./figures.ts";

/** The rules' times are divided by this: `GET /scaling` is recounted every two seconds. */
const COMPRESSION = 2.5;
/** Half a second for a series; a machine that is there, and a process that has to start. */
const DEVICE: Device = { imagesPerSecond: 32, batchImages: SIMULATED_SLICES, startSeconds: 20 };
/** More processes than this are too much for the two cores of a small machine. */
const MOST_WORKERS = 8;
const SEED = 20_261_126;
const PHASES: readonly Phase[] = [
  { seconds: 40, perSecond: 1 },
  { seconds: 60, perSecond: 6 },
  { seconds: 60, perSecond: 2 },
  { seconds: 140, perSecond: 0.5 },
];
const STAT_SHARE = 0.15;
/** In the middle of the burst. */
const BACKFILL = { at: 70, studies: 150 };
const QUICK = { phases: [{ seconds: 4, perSecond: 2 }], backfill: { at: 0, studies: 0 } };

/**
 * The simulation against what it simulates: a few minutes of traffic with a burst and a backfill,
 * through the model and through a real gateway, queue, results and workers (whose devices wait),
 * scaled by the same rules of `deploy/`.
 */
export async function runAutoscaleReal({ quick }: BenchOptions): Promise<object> {
  const rules = (await Promise.all(DEPLOYED_RULES.map(readScalingRule))).map((rule) => ({
    ...compressed(rule, COMPRESSION),
    most: Math.min(rule.most, MOST_WORKERS),
  }));
  const traffic: Omit<BurstOptions, "random"> = {
    ...(quick ? QUICK : { phases: PHASES, backfill: BACKFILL }),
    statShare: STAT_SHARE,
    images: SIMULATED_SLICES,
  };
  // The model counts down the jobs that it is given: each replay has its own.
  const jobs = () => burstOf({ ...traffic, random: seededRandom(SEED) });
  const simulated = simulate(jobs(), rules, DEVICE);
  const [kind = "postgres"] = queueKinds();
  const plane = await startControlPlane(kind);
  try {
    const real = await replayReal({ plane, jobs: jobs(), rules, device: DEVICE });
    return {
      bench: "autoscale-real",
      simulated: figures(simulated),
      real: figures(real),
      queue: kind,
      jobs: jobs().length,
      compression: COMPRESSION,
      traffic,
      device: DEVICE,
    };
  } finally {
    await plane.stop();
  }
}

function figures({ latencies, deviceHours, mostWorkers, endedAt }: Replayed) {
  return {
    deviceSeconds: rounded(deviceHours * 3_600, 0),
    statP50Seconds: rounded(quantile(latencies.stat, 0.5), 2),
    statP99Seconds: rounded(quantile(latencies.stat, 0.99), 2),
    routineP50Seconds: rounded(quantile(latencies.routine, 0.5), 1),
    routineP99Seconds: rounded(quantile(latencies.routine, 0.99), 1),
    backfillSeconds: rounded(latencies.backfill.at(-1) ?? 0, 0),
    mostWorkers,
    seconds: rounded(endedAt, 0),
  };
}

import { seededRandom } from "@axial/testkit";
import { DEPLOYED_RULES } from "./autoscale/deployed-rules.ts";
import { readScalingRule, type ScalingRule } from "./autoscale/scaling-rule.ts";
import { type Device, type Simulated, simulate } from "./autoscale/simulate.ts";
import { DAY_SECONDS, type TrafficOptions, trafficOf } from "./autoscale/traffic.ts";

/** A hundred hospitals from Thursday to Saturday, and a weekend's backfill. */
const TRAFFIC = {
  studiesPerDay: 150_000,
  statShare: 0.08,
  days: 3,
  backfillStudies: 100_000,
};
const SEED = 20_261_101;
/** A seventh of a large GPU, or sixteen cores; a node that has to be started first. */
const DEVICE: Device = { imagesPerSecond: 120, batchImages: 64, startSeconds: 180 };

/** Other targets beside the deployed ones: seconds of work per worker. */
const STAT_TARGETS = [2, 5, 20];
const ROUTINE_TARGETS = [20, 60, 180];

/**
 * Three days of hospital traffic, STAT among it and a backfill over the weekend, against the
 * autoscaling rules that `deploy/` ships: what it costs in device hours, how long STAT waits, how
 * long the backlog grows. Simulated: no device, no clock, the same figures on every machine.
 */
export async function runAutoscale(): Promise<object> {
  const rules = await Promise.all(DEPLOYED_RULES.map(readScalingRule));
  const alternatives = STAT_TARGETS.flatMap((stat) =>
    ROUTINE_TARGETS.map((routine) => ({ stat, routine })),
  );
  return {
    bench: "autoscale",
    ...figures(replay(rules)),
    fixed: figures(replay(rules.map(neverScaled))),
    alternatives: alternatives.map((targets) => {
      const { deviceHours, statP99Seconds, routineP99Seconds } = figures(
        replay(rules.map((rule) => retargeted(rule, targets))),
      );
      return { ...targets, deviceHours, statP99Seconds, routineP99Seconds };
    }),
    traffic: TRAFFIC,
    device: DEVICE,
  };
}

function replay(rules: readonly ScalingRule[]): Simulated {
  const options: TrafficOptions = { ...TRAFFIC, random: seededRandom(SEED) };
  return simulate(trafficOf(options), rules, DEVICE);
}

/** What people do without an autoscaler: enough for the worst, all the time. */
function neverScaled(rule: ScalingRule): ScalingRule {
  const replicas = Math.max(1, Math.ceil(rule.most / 4));
  return { ...rule, least: replicas, most: replicas };
}

function retargeted(rule: ScalingRule, targets: Readonly<Record<string, number>>): ScalingRule {
  return {
    ...rule,
    targets: rule.targets.map(({ lane, seconds }) => ({ lane, seconds: targets[lane] ?? seconds })),
  };
}

function figures(simulated: Simulated) {
  const { latencies } = simulated;
  const days = simulated.endedAt / DAY_SECONDS;
  return {
    deviceHours: rounded(simulated.deviceHours),
    busyShare: rounded(simulated.busyHours / simulated.deviceHours),
    statP50Seconds: quantile(latencies.stat, 0.5),
    statP99Seconds: quantile(latencies.stat, 0.99),
    routineP99Seconds: quantile(latencies.routine, 0.99),
    backfillHours: rounded((latencies.backfill.at(-1) ?? 0) / 3_600),
    mostWorkers: simulated.mostWorkers,
    mostOutstandingSeconds: rounded(simulated.mostOutstandingSeconds),
    days: rounded(days),
  };
}

function quantile(sorted: readonly number[], share: number): number {
  return rounded(sorted[Math.floor(share * (sorted.length - 1))] ?? Number.NaN);
}

function rounded(value: number): number {
  return Number(value.toFixed(2));
}

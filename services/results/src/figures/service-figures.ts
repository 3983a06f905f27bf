import { LANES } from "@axial/contracts";
import { type Logger, type Metrics, OutageLog } from "@axial/kit";
import type { Database } from "@axial/store/database";
import { readQuotaLevels } from "@axial/store/quotas";
import {
  countDeadByCode,
  readLaneFigures,
  readLastBackup,
  readPoolFigures,
} from "@axial/store/views";

/** Of each quota, so that a thousand tenants make no thousand series. */
const FULLEST_TENANTS = 20;

/** A scrape has ten seconds, a dead host takes as long to be noticed. */
const READ_WITHIN_MS = 3_000;

interface FiguresOptions {
  readonly db: Database;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Sets what alarms on absence stand on at every scrape: workers, capacity and the oldest waiting task
 * of each lane, pools, dead letters, the last backup. While Postgres is away they are absent, and
 * `axial_dependency_up` says so.
 */
export function feedServiceFigures({ db, metrics, logger }: FiguresOptions): void {
  const outage = new OutageLog(logger, "database");
  for (const lane of LANES) {
    for (const outcome of ["done", "refused", "dead"]) metrics.tasksEnded.inc({ lane, outcome }, 0);
  }
  const collect = async (): Promise<void> => {
    reset(metrics);
    try {
      await inTime(work(db, metrics));
      outage.worked();
    } catch (error) {
      reset(metrics);
      outage.failed(error);
    }
  };
  metrics.registry.beforeScrape(collect);
}

function work(db: Database, metrics: Metrics): Promise<unknown> {
  return Promise.all([lanes, pools, quotas, rest].map((read) => read(db, metrics)));
}

function reset(metrics: Metrics): void {
  const { laneWorkers, laneCapacity, oldestWaiting, poolWorkers, lastBackup } = metrics;
  for (const gauge of [laneWorkers, laneCapacity, oldestWaiting, poolWorkers]) gauge.reset();
  for (const gauge of [metrics.deadLetters, metrics.quotaLevel]) gauge.reset();
  lastBackup.remove();
}

async function lanes(db: Database, metrics: Metrics): Promise<void> {
  for (const { lane, workers, capacity, oldestSeconds } of await readLaneFigures(db)) {
    metrics.laneWorkers.set({ lane }, workers);
    metrics.laneCapacity.set({ lane }, capacity);
    metrics.oldestWaiting.set({ lane }, oldestSeconds);
  }
}

async function pools(db: Database, metrics: Metrics): Promise<void> {
  let worst = 0;
  for (const { pool, workers, clockSkewSeconds } of await readPoolFigures(db)) {
    metrics.poolWorkers.set({ pool }, workers);
    worst = Math.max(worst, clockSkewSeconds);
  }
  metrics.clockSkew.set({ process: "worker" }, worst);
}

async function quotas(db: Database, metrics: Metrics): Promise<void> {
  for (const { tenant, quota, level } of await readQuotaLevels(db, FULLEST_TENANTS)) {
    metrics.quotaLevel.set({ quota, tenant }, level);
  }
}

async function rest(db: Database, metrics: Metrics): Promise<void> {
  const [dead, backup] = await Promise.all([countDeadByCode(db), readLastBackup(db)]);
  for (const [code, tasks] of dead) metrics.deadLetters.set({ code }, tasks);
  metrics.lastBackup.set(backup === null ? 0 : backup.getTime() / 1_000);
}

async function inTime(work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no figures in time")), READ_WITHIN_MS);
  });
  // What loses the race fails later, unheard.
  work.catch(() => {});
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

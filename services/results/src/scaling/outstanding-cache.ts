import { LANES, type Lane, type TenantId } from "@axial/contracts";
import type { ModelCatalogue } from "@axial/inference/packages";
import { type Logger, type Metrics, OutageLog } from "@axial/kit";
import type { Database } from "@axial/store/database";
import {
  countOutstanding,
  measureDeviceTimes,
  type Outstanding,
  readWorkers,
} from "@axial/store/views";
import { inDeviceSeconds, type OutstandingWork } from "./device-seconds.ts";
import { mayRunNow } from "./may-run-now.ts";

/** The count may take this share of one connection's time at most. */
const MAX_DUTY = 0.05;
/** Fresh enough for an autoscaler that asks every few seconds. */
const FRESH_MS = 2_000;

interface FeedOptions {
  readonly metrics: Metrics;
  readonly models: Pick<ModelCatalogue, "newest">;
  readonly logger: Logger;
}

/**
 * Outstanding tasks, counted when asked for and kept for a while: however many scrape it and
 * however long the backlog is, counting takes a bounded share of the database.
 */
export class OutstandingCache {
  readonly #db: Database;
  #counted: readonly OutstandingWork[] = [];
  #tenants: readonly Outstanding[] = [];
  #counting: Promise<readonly OutstandingWork[]> | undefined;
  #freshUntil = 0;

  constructor(db: Database) {
    this.#db = db;
  }

  read(): Promise<readonly OutstandingWork[]> {
    if (Date.now() < this.#freshUntil) return Promise.resolve(this.#counted);
    this.#counting ??= this.#count().finally(() => {
      this.#counting = undefined;
    });
    return this.#counting;
  }

  /** One tenant's unfinished tasks. */
  async readOf(tenant: TenantId): Promise<readonly Outstanding[]> {
    await this.read();
    return this.#tenants.filter((work) => work.tenant === tenant);
  }

  /**
   * Sets the gauges `axial_tasks_outstanding` and `axial_outstanding_device_seconds` at every
   * scrape, 0 for each installed model and lane without any. While Postgres is away they are absent,
   * and the other metrics are served all the same.
   */
  feed({ metrics, models, logger }: FeedOptions): void {
    const outage = new OutageLog(logger, "database");
    const set = (labels: { lane: Lane; model: string }, tasks: number, seconds: number) => {
      metrics.tasksOutstanding.set(labels, tasks);
      metrics.outstandingDeviceSeconds.set(labels, seconds);
    };
    const collect = async (): Promise<void> => {
      metrics.tasksOutstanding.reset();
      metrics.outstandingDeviceSeconds.reset();
      try {
        for (const { id: model } of await models.newest()) {
          for (const lane of LANES) set({ lane, model }, 0, 0);
        }
        for (const { lane, model, pending, active, deviceSeconds } of await this.read()) {
          set({ lane, model }, pending + active, deviceSeconds);
        }
        outage.worked();
      } catch (error) {
        outage.failed(error);
      }
    };
    metrics.registry.beforeScrape(collect);
  }

  async #count(): Promise<readonly OutstandingWork[]> {
    const began = performance.now();
    const times = await measureDeviceTimes(this.#db);
    this.#tenants = await countOutstanding(this.#db);
    const work = mayRunNow(this.#tenants);
    this.#counted = inDeviceSeconds(work, times, await readWorkers(this.#db));
    const tookMs = performance.now() - began;
    this.#freshUntil = Date.now() + Math.max(FRESH_MS, tookMs / MAX_DUTY);
    return this.#counted;
  }
}

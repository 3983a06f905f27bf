import { LANES, type Lane } from "@axial/contracts";
import { EventQueue } from "./event-queue.ts";
import { Pool, type Worker } from "./pool.ts";
import type { ScalingRule } from "./scaling-rule.ts";
import type { Job } from "./traffic.ts";

export interface Device {
  readonly imagesPerSecond: number;
  readonly batchImages: number;
  /** From the decision to the first batch: a node, the image, the models, the golden cases. */
  readonly startSeconds: number;
}

export interface Simulated {
  /** Seconds from arrival to result, by lane, sorted. */
  readonly latencies: Readonly<Record<Lane, readonly number[]>>;
  readonly deviceHours: number;
  readonly busyHours: number;
  readonly mostWorkers: number;
  readonly mostOutstandingSeconds: number;
  readonly endedAt: number;
}

type Event =
  | { readonly kind: "arrival"; readonly job: Job }
  | { readonly kind: "poll"; readonly pool: Pool }
  | { readonly kind: "ready"; readonly worker: Worker }
  | { readonly kind: "done"; readonly worker: Worker; readonly batch: readonly Share[] };

interface Share {
  readonly job: Job;
  readonly images: number;
}

/** One run of the model: traffic against pools that scale by their rules. Pure: no clock. */
export function simulate(
  jobs: readonly Job[],
  rules: readonly ScalingRule[],
  device: Device,
): Simulated {
  return new Simulation(jobs, rules, device).run();
}

class Simulation {
  readonly #device: Device;
  readonly #pools: readonly Pool[];
  readonly #events = new EventQueue<Event>();
  readonly #waiting: Record<Lane, Job[]> = { stat: [], routine: [], backfill: [] };
  readonly #heads: Record<Lane, number> = { stat: 0, routine: 0, backfill: 0 };
  /** Images that are not finished, those on a device included. */
  readonly #outstanding: Record<Lane, number> = { stat: 0, routine: 0, backfill: 0 };
  readonly #latencies: Record<Lane, number[]> = { stat: [], routine: [], backfill: [] };
  #unfinished: number;
  #busySeconds = 0;
  #mostWorkers = 0;
  #mostOutstanding = 0;
  #now = 0;

  constructor(jobs: readonly Job[], rules: readonly ScalingRule[], device: Device) {
    this.#device = device;
    this.#pools = rules.map((rule) => new Pool(rule));
    this.#unfinished = jobs.length;
    for (const job of jobs) this.#events.add(job.arrivedAt, { kind: "arrival", job });
    for (const pool of this.#pools) {
      for (let worker = 0; worker < pool.rule.least; worker++) this.#hire(pool, 0);
      this.#events.add(pool.rule.pollSeconds, { kind: "poll", pool });
    }
  }

  run(): Simulated {
    while (this.#unfinished > 0) {
      const next = this.#events.take();
      if (next === null) throw new Error("work is left and nothing will happen any more");
      this.#now = next.at;
      this.#handle(next.event);
    }
    for (const lane of LANES) this.#latencies[lane].sort((a, b) => a - b);
    return {
      latencies: this.#latencies,
      deviceHours: this.#pools.reduce((sum, pool) => sum + pool.paidSeconds(this.#now), 0) / 3_600,
      busyHours: this.#busySeconds / 3_600,
      mostWorkers: this.#mostWorkers,
      mostOutstandingSeconds: this.#mostOutstanding / this.#device.imagesPerSecond,
      endedAt: this.#now,
    };
  }

  #handle(event: Event): void {
    if (event.kind === "arrival") this.#arrive(event.job);
    else if (event.kind === "poll") this.#poll(event.pool);
    else if (event.kind === "done") this.#finish(event.worker, event.batch);
    else if (event.worker.state === "starting") {
      event.worker.state = "idle";
      this.#serve(event.worker);
    }
  }

  #arrive(job: Job): void {
    this.#waiting[job.lane].push(job);
    this.#outstanding[job.lane] += job.images;
    const all = LANES.reduce((sum, lane) => sum + this.#outstanding[lane], 0);
    this.#mostOutstanding = Math.max(this.#mostOutstanding, all);
    for (const pool of this.#pools.filter(({ lanes }) => lanes.includes(job.lane))) {
      const idle = pool.workers.find(({ state }) => state === "idle");
      if (idle === undefined) continue;
      this.#serve(idle);
      return;
    }
  }

  #poll(pool: Pool): void {
    const { imagesPerSecond } = this.#device;
    const seconds = {
      stat: this.#outstanding.stat / imagesPerSecond,
      routine: this.#outstanding.routine / imagesPerSecond,
      backfill: this.#outstanding.backfill / imagesPerSecond,
    };
    const replicas = pool.decide(this.#now, seconds);
    while (pool.workers.length < replicas) this.#hire(pool, this.#device.startSeconds);
    this.#dismiss(pool, pool.workers.length - replicas);
    this.#events.add(this.#now + pool.rule.pollSeconds, { kind: "poll", pool });
  }

  #hire(pool: Pool, startSeconds: number): void {
    const worker: Worker = { pool, startedAt: this.#now, state: "starting" };
    pool.workers.push(worker);
    const workers = this.#pools.reduce((sum, { workers }) => sum + workers.length, 0);
    this.#mostWorkers = Math.max(this.#mostWorkers, workers);
    this.#events.add(this.#now + startSeconds, { kind: "ready", worker });
  }

  /** The cheapest to delete first, as pod-deletion-cost says; one at work finishes its batch. */
  #dismiss(pool: Pool, count: number): void {
    const cheapest = ["starting", "idle", "busy"].flatMap((state) =>
      pool.workers.filter((worker) => worker.state === state),
    );
    for (const worker of cheapest.slice(0, Math.max(0, count))) {
      if (worker.state === "busy") worker.state = "leaving";
      else pool.remove(worker, this.#now);
    }
  }

  #serve(worker: Worker): void {
    const batch: Share[] = [];
    let room = this.#device.batchImages;
    for (const lane of worker.pool.lanes) {
      while (room > 0) {
        const job = this.#waiting[lane][this.#heads[lane]];
        if (job === undefined) break;
        const images = Math.min(room, job.waiting);
        job.waiting -= images;
        room -= images;
        batch.push({ job, images });
        if (job.waiting === 0) this.#heads[lane]++;
      }
    }
    const images = this.#device.batchImages - room;
    if (images === 0) return;
    const seconds = images / this.#device.imagesPerSecond;
    worker.state = "busy";
    this.#busySeconds += seconds;
    this.#events.add(this.#now + seconds, { kind: "done", worker, batch });
  }

  #finish(worker: Worker, batch: readonly Share[]): void {
    for (const { job, images } of batch) {
      job.unfinished -= images;
      this.#outstanding[job.lane] -= images;
      if (job.unfinished > 0) continue;
      this.#unfinished--;
      this.#latencies[job.lane].push(this.#now - job.arrivedAt);
    }
    if (worker.state === "leaving") {
      worker.pool.remove(worker, this.#now);
      return;
    }
    worker.state = "idle";
    this.#serve(worker);
  }
}

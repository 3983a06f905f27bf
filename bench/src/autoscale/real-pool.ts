import type { Lane } from "@axial/contracts";
import type { ControlPlane } from "../control/control-plane.ts";
import type { WorkersProcess } from "../control/simulated-workers.ts";
import { Pool, type Worker } from "./pool.ts";
import type { ScalingRule } from "./scaling-rule.ts";
import type { Device } from "./simulate.ts";

/** Jobs that a worker holds of each lane: one on the device, and the next. */
const CAPACITY = 2;

interface RealPoolOptions {
  readonly plane: ControlPlane;
  readonly device: Device;
  /** Images of every job. */
  /** Seconds since the run began. */
  readonly now: () => number;
}

/** A pool whose workers are processes: what KEDA and a Deployment do, with the model's own rule. */
export class RealPool {
  readonly #pool: Pool;
  readonly #options: RealPoolOptions;
  readonly #processes = new Map<Worker, Promise<WorkersProcess>>();
  readonly #leaving: Promise<void>[] = [];

  constructor(rule: ScalingRule, options: RealPoolOptions) {
    this.#pool = new Pool(rule);
    this.#options = options;
  }

  get workers(): number {
    return this.#pool.workers.length;
  }

  paidSeconds(now: number): number {
    return this.#pool.paidSeconds(now);
  }

  /** The workers that are there from the beginning, ready. */
  async begin(): Promise<void> {
    for (let worker = 0; worker < this.#pool.rule.least; worker++) this.#hire(0);
    await Promise.all(this.#processes.values());
  }

  /** One look at `GET /scaling/{lane}`, and what follows from it. */
  async poll(): Promise<void> {
    const { plane, device, now } = this.#options;
    const outstanding: Record<Lane, number> = { stat: 0, routine: 0, backfill: 0 };
    for (const lane of this.#pool.lanes) outstanding[lane] = await plane.deviceSeconds(lane);
    const replicas = this.#pool.decide(now(), outstanding);
    while (this.workers < replicas) this.#hire(device.startSeconds);
    if (this.workers > replicas) await this.#dismiss(this.workers - replicas);
  }

  /** Ends every worker. Resolves when all of them, past and present, have exited. */
  async end(): Promise<void> {
    await this.#dismiss(this.workers);
    await Promise.all(this.#leaving);
  }

  #hire(startSeconds: number): void {
    const { plane, device, now } = this.#options;
    const worker: Worker = { pool: this.#pool, startedAt: now(), state: "starting" };
    const starting = plane.startWorkers({
      workers: 1,
      imagesPerSecond: device.imagesPerSecond,
      capacity: CAPACITY,
      lanes: this.#pool.lanes,
      serveFrom: Date.now() + startSeconds * 1_000,
    });
    this.#pool.workers.push(worker);
    this.#processes.set(worker, starting);
    void starting.then(() => {
      if (worker.state === "starting") worker.state = "idle";
    });
  }

  /** The cheapest to delete first, as pod-deletion-cost says; each finishes what it holds. */
  async #dismiss(count: number): Promise<void> {
    const staying = this.#pool.workers.filter(({ state }) => state !== "leaving");
    const costs = await Promise.all(
      staying.map(async (worker) => ({ worker, cost: await this.#costOf(worker) })),
    );
    for (const { worker } of costs.sort((a, b) => a.cost - b.cost).slice(0, count)) {
      this.#leaving.push(this.#letGo(worker));
    }
  }

  async #costOf(worker: Worker): Promise<number> {
    return worker.state === "starting" ? -1 : ((await this.#processes.get(worker))?.inHand ?? 0);
  }

  async #letGo(worker: Worker): Promise<void> {
    const process = this.#processes.get(worker);
    // One that never served is gone at once, as a pod that was pending.
    if (worker.state === "starting") this.#pool.remove(worker, this.#options.now());
    else worker.state = "leaving";
    await (await process)?.stop();
    if (worker.state === "leaving") this.#pool.remove(worker, this.#options.now());
    this.#processes.delete(worker);
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { LANES, type Lane } from "@axial/contracts";

interface Waiting {
  readonly images: number;
  readonly since: number;
  readonly done: (millisecondsOnDevice: number) => void;
}

/**
 * A device that classifies a number of images per second by waiting: one job after another, in lane
 * order, as an engine does with its jobs.
 */
export class SimulatedDevice {
  readonly #msPerImage: number;
  readonly #waiting: Readonly<Record<Lane, Waiting[]>> = { stat: [], routine: [], backfill: [] };
  #freeAt = 0;
  #busy = false;

  constructor(imagesPerSecond: number) {
    this.#msPerImage = 1_000 / imagesPerSecond;
  }

  /** Resolves when the device has finished the images, with the milliseconds it took. */
  run(images: number, lane: Lane): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    this.#waiting[lane].push({ images, since: performance.now(), done: resolve });
    if (!this.#busy) void this.#work();
    return promise;
  }

  async #work(): Promise<void> {
    this.#busy = true;
    for (let job = this.#next(); job !== undefined; job = this.#next()) {
      const onDevice = job.images * this.#msPerImage;
      // Counted from when it was free, so that late timers do not add up.
      this.#freeAt = Math.max(this.#freeAt, job.since) + onDevice;
      const left = this.#freeAt - performance.now();
      await (left > 0 ? delay(left) : null);
      job.done(onDevice);
    }
    this.#busy = false;
  }

  #next(): Waiting | undefined {
    const lane = LANES.find((candidate) => this.#waiting[candidate].length > 0);
    return lane === undefined ? undefined : this.#waiting[lane].shift();
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { LANES, type Lane } from "@axial/contracts";

interface Waiting {
  readonly images: number;
  readonly since: number;
  readonly done: (millisecondsOnDevice: number) => void;
}

/**
 * A device that classifies so many images a second by waiting: one job after the other, STAT
 * before routine before backfill, as an engine does with what it holds.
 */
export class SimulatedDevice {
  readonly #msPerImage: number;
  readonly #waiting: Readonly<Record<Lane, Waiting[]>> = { stat: [], routine: [], backfill: [] };
  #freeAt = 0;
  #busy = false;

  constructor(imagesPerSecond: number) {
    this.#msPerImage = 1_000 / imagesPerSecond;
  }

  /** Resolves when the device is done with the images, with the milliseconds on it. */
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
      // From when it was free: what a timer is late does not add up.
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

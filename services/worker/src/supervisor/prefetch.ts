import type { EngineCounts } from "../protocol.ts";

/** Batches that the held jobs fill: the running one, and two or three ahead of it. */
const BATCHES_HELD = 4;
/** Enough to keep a decoder per core busy, however many images a job has. */
const LEAST_JOBS = 8;
/** Images assumed per job until the first report. */
const FIRST_IMAGES = 16;
/** Weight of one report in the running mean. */
const NEWEST = 0.2;

export interface PrefetchOptions {
  /** Images in one batch of each engine, added up. */
  readonly batchImages: number;
  /** Never more jobs than this. */
  readonly most: number;
  onChange(jobs: number): void;
}

/**
 * How many jobs of a lane to hold: enough to fill the next few batches, judged by the images per
 * job of late. Jobs that a worker holds cannot go to another that has just started, and return to
 * the queue only when the worker ends: 256 series of 24 images are 50 s of device time, 256 single
 * images 2 s.
 */
export class Prefetch {
  readonly #options: PrefetchOptions;
  #imagesPerJob = FIRST_IMAGES;
  #images = 0;
  #ended = 0;
  #jobs: number;

  constructor(options: PrefetchOptions) {
    this.#options = options;
    this.#jobs = this.#wanted();
  }

  get jobs(): number {
    return this.#jobs;
  }

  /** A job ended on the engine. */
  ended(): void {
    this.#ended += 1;
  }

  /** What an engine counted since its last report. */
  add({ batches }: Pick<EngineCounts, "batches">): void {
    for (const { images } of batches) this.#images += images;
    if (this.#ended === 0 || this.#images === 0) return;
    const lately = this.#images / this.#ended;
    this.#imagesPerJob += NEWEST * (lately - this.#imagesPerJob);
    this.#images = 0;
    this.#ended = 0;
    const wanted = this.#wanted();
    if (wanted === this.#jobs) return;
    this.#jobs = wanted;
    this.#options.onChange(wanted);
  }

  #wanted(): number {
    const { batchImages, most } = this.#options;
    const fill = Math.ceil((BATCHES_HELD * batchImages) / this.#imagesPerJob);
    return Math.min(most, Math.max(LEAST_JOBS, fill));
  }
}

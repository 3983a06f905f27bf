import type { EngineCounts } from "../protocol.ts";

/** Batches that the jobs in hand are enough for: the one that runs, and two or three ahead of it. */
const BATCHES_HELD = 4;
/** Enough to keep a decoder for each core busy, however many images a job has. */
const LEAST_JOBS = 8;
/** Until this many images are known, as for a series of this many. */
const FIRST_IMAGES = 16;
/** Weight of what one report adds to the mean. */
const NEWEST = 0.2;

export interface PrefetchOptions {
  /** Images of the engines' batches, all together. */
  readonly batchImages: number;
  /** Never more jobs than this. */
  readonly most: number;
  onChange(jobs: number): void;
}

/**
 * How many jobs of a lane are held: as many as fill the next few batches, by the images that a job
 * had lately. What a worker holds cannot go to another that has just started, and comes back only
 * with the worker's end: 256 series of 24 images are 50 s of a device's time, 256 single images two.
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

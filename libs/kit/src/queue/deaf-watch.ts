/** Jobs wait, places are free, and nothing is taken for this long: the worker has gone deaf. */
const DEAF_AFTER_MS = 4_000;
const LOOK_EVERY_MS = 1_000;

interface DeafWatchOptions {
  /** Jobs that the worker takes at the same time. */
  readonly concurrency: number;
  /** How many jobs wait; may reject. */
  waiting(): Promise<number>;
  /** The worker takes nothing although it could. */
  onDeaf(): void;
}

/**
 * Watches a BullMQ worker: it can miss that its connection was dropped (on PostgreSQL a dropped
 * LISTEN is noticed late, bullmq#4729; on Redis bullmq#2466), and then takes nothing while jobs
 * wait. The queue is asked only after a quiet time with free places.
 */
export class DeafWatch {
  readonly #options: DeafWatchOptions;
  readonly #timer: NodeJS.Timeout;
  #running = 0;
  #concurrency: number;
  #takenAt = performance.now();
  #paused = false;
  #looking = false;

  constructor(options: DeafWatchOptions) {
    this.#options = options;
    this.#concurrency = options.concurrency;
    this.#timer = setInterval(() => {
      // The queue's own outage log tells of a queue that is down.
      this.look().catch(() => {});
    }, LOOK_EVERY_MS);
  }

  /** A job was taken; the result is called when it has ended. */
  taken(): () => void {
    this.#takenAt = performance.now();
    this.#running += 1;
    return () => {
      this.#running -= 1;
    };
  }

  /** While paused, taking nothing is what is wanted. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.#takenAt = performance.now();
  }

  set concurrency(concurrency: number) {
    this.#concurrency = concurrency;
  }

  async look(): Promise<void> {
    if (this.#looking || !this.#isQuiet) return;
    this.#looking = true;
    try {
      const waiting = await this.#options.waiting();
      // Jobs may have been taken while the queue was slow to answer.
      if (waiting === 0 || !this.#isQuiet) return;
      this.#takenAt = performance.now();
      this.#options.onDeaf();
    } finally {
      this.#looking = false;
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** There is room for a job, and none was taken for a while. */
  get #isQuiet(): boolean {
    const quiet = performance.now() - this.#takenAt > DEAF_AFTER_MS;
    return quiet && !this.#paused && this.#running < this.#concurrency;
  }
}

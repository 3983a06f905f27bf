import { INFER_QUEUES, type Lane } from "@axial/contracts";
import type { Consumer, Logger, Queues, TakenJob } from "@axial/kit";

/** Jobs wait, places are free, and nothing is taken for this long: the consumer has gone deaf. */
const DEAF_AFTER_MS = 4_000;

export interface LaneConsumerOptions {
  readonly lane: Lane;
  readonly concurrency: number;
  readonly queues: Queues;
  readonly logger: Logger;
  handle(job: TakenJob): Promise<void>;
}

/**
 * Takes the jobs of one lane. Watches itself: BullMQ can miss that its connection was dropped
 * (on PostgreSQL a dropped LISTEN is noticed late), so a consumer that takes nothing while jobs
 * wait is replaced.
 */
export class LaneConsumer {
  readonly #options: LaneConsumerOptions;
  readonly #queue: string;
  readonly #retiring = new Set<Promise<void>>();
  #consumer: Consumer;
  #running = 0;
  #takenAt = performance.now();
  #paused = false;
  #watching = false;

  constructor(options: LaneConsumerOptions) {
    this.#options = options;
    this.#queue = INFER_QUEUES[options.lane];
    this.#consumer = this.#open();
  }

  async pause(): Promise<void> {
    this.#paused = true;
    await this.#consumer.pause();
  }

  resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.#takenAt = performance.now();
    this.#consumer.resume();
  }

  /** Replaces the consumer when it has gone deaf; call it every second or so. */
  async watch(): Promise<void> {
    if (this.#watching || !this.#isQuiet) return;
    this.#watching = true;
    try {
      const { waiting } = await this.#options.queues.counts(this.#queue);
      // Jobs may have been taken while the queue was slow to answer.
      if (waiting > 0 && this.#isQuiet) this.#reopen();
    } finally {
      this.#watching = false;
    }
  }

  /** There is room for a job, and none was taken for a while. */
  get #isQuiet(): boolean {
    const quiet = performance.now() - this.#takenAt > DEAF_AFTER_MS;
    return quiet && !this.#paused && this.#running < this.#options.concurrency;
  }

  #reopen(): void {
    this.#options.logger.warn({ lane: this.#options.lane }, "consumer reopened: it took nothing");
    const deaf = this.#consumer;
    this.#takenAt = performance.now();
    this.#consumer = this.#open();
    const closing = deaf.close().catch((error: unknown) => {
      this.#options.logger.warn({ err: error }, "could not close a deaf consumer");
    });
    this.#retiring.add(closing);
    void closing.then(() => this.#retiring.delete(closing));
  }

  /** Takes nothing more; resolves once what runs has ended. */
  async close(): Promise<void> {
    await Promise.all([this.#consumer.close(), ...this.#retiring]);
  }

  #open(): Consumer {
    const { queues, concurrency, handle } = this.#options;
    return queues.consume(this.#queue, { concurrency }, async (job) => {
      this.#takenAt = performance.now();
      this.#running++;
      try {
        await handle(job);
      } finally {
        this.#running--;
      }
    });
  }
}

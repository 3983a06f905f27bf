import { setTimeout as delay } from "node:timers/promises";

export interface GroupCommitOptions {
  /** Items of one batch. */
  readonly maxBatch: number;
  /** Milliseconds from the start of one batch to that of the next, if nothing is in a hurry. */
  readonly paceMs: number;
  /** So many waiting items are a batch that is worth its cost, whatever the pace. */
  readonly worthwhile: number;
}

interface Waiting<Item> {
  readonly item: Item;
  readonly settled: PromiseWithResolvers<void>;
}

/**
 * Group commit: what arrives while one batch is being written makes the next batch, so that a
 * slow database gets larger transactions and a fast one short waits. The first item after a quiet
 * time is written at once; under a steady trickle batches keep a pace, because one of a single item
 * costs as much as one of many, and an urgent item takes along what waits. `write` settles a whole
 * batch; the promise of each item settles with the batch that held it.
 */
export class GroupCommit<Item> {
  readonly #write: (batch: readonly Item[]) => Promise<void>;
  readonly #options: GroupCommitOptions;
  #waiting: Waiting<Item>[] = [];
  #urgent = 0;
  #hurry: (() => void) | undefined;
  #writing = false;
  #begun = Number.NEGATIVE_INFINITY;

  constructor(options: GroupCommitOptions, write: (batch: readonly Item[]) => Promise<void>) {
    this.#options = options;
    this.#write = write;
  }

  submit(item: Item, { urgent }: { readonly urgent: boolean }): Promise<void> {
    const settled = Promise.withResolvers<void>();
    const entry = { item, settled };
    if (urgent) this.#waiting.splice(this.#urgent++, 0, entry);
    else this.#waiting.push(entry);
    if (this.#isWorthwhile) this.#hurry?.();
    if (!this.#writing) void this.#drain();
    return settled.promise;
  }

  get #isWorthwhile(): boolean {
    return this.#urgent > 0 || this.#waiting.length >= this.#options.worthwhile;
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    while (this.#waiting.length > 0) {
      await this.#untilDue();
      this.#begun = performance.now();
      await this.#writeBatch();
    }
    this.#writing = false;
  }

  async #untilDue(): Promise<void> {
    const left = this.#begun + this.#options.paceMs - performance.now();
    if (left > 0 && !this.#isWorthwhile) {
      const stop = new AbortController();
      this.#hurry = () => stop.abort();
      await delay(left, undefined, { signal: stop.signal }).catch(() => {});
      this.#hurry = undefined;
    }
    // One turn of the event loop: messages that came with the first one are in its batch.
    await new Promise((resolve) => setImmediate(resolve));
  }

  async #writeBatch(): Promise<void> {
    const batch = this.#waiting.splice(0, this.#options.maxBatch);
    this.#urgent = Math.max(0, this.#urgent - batch.length);
    try {
      await this.#write(batch.map((entry) => entry.item));
      for (const { settled } of batch) settled.resolve();
    } catch (error) {
      for (const { settled } of batch) settled.reject(error);
    }
  }
}

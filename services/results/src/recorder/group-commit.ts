/**
 * Group commit: what arrives while one batch is being written makes the next batch, so that a
 * slow database gets larger transactions and a fast one short waits. `write` settles a whole
 * batch; the promise of each item settles with the batch that held it.
 */
export class GroupCommit<Item> {
  readonly #write: (batch: readonly Item[]) => Promise<void>;
  readonly #maxBatch: number;
  #waiting: { readonly item: Item; readonly settled: PromiseWithResolvers<void> }[] = [];
  #writing = false;

  constructor(maxBatch: number, write: (batch: readonly Item[]) => Promise<void>) {
    this.#maxBatch = maxBatch;
    this.#write = write;
  }

  submit(item: Item): Promise<void> {
    const settled = Promise.withResolvers<void>();
    this.#waiting.push({ item, settled });
    if (!this.#writing) void this.#drain();
    return settled.promise;
  }

  async #drain(): Promise<void> {
    this.#writing = true;
    // One turn of the event loop: messages that came with the first one are in its batch.
    await new Promise((resolve) => setImmediate(resolve));
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.#maxBatch);
      try {
        await this.#write(batch.map((entry) => entry.item));
        for (const { settled } of batch) settled.resolve();
      } catch (error) {
        for (const { settled } of batch) settled.reject(error);
      }
    }
    this.#writing = false;
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { RESULTS_STREAM, type ResultMessage, resultMessageId } from "@axial/contracts";
import type { Queues } from "@axial/kit";

/** A queue that is down is tried again until then; after that the reconciler takes over. */
const GIVE_UP_AFTER_MS = 60_000;
const RETRY_MS = 250;
const MAX_BATCH = 200;

interface Waiting {
  readonly id: string;
  readonly message: ResultMessage;
  readonly first: boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Appends messages to the stream of results: whatever came while the last batch was on its way
 * goes together. A message names its attempt, so sending twice is harmless.
 */
export class ResultSender {
  readonly #queues: Queues;
  #waiting: Waiting[] = [];
  #sending: Promise<void> | undefined;

  constructor(queues: Queues) {
    this.#queues = queues;
  }

  /** Resolves when the queue has it; `first` puts it before the messages that wait there. */
  send(message: ResultMessage, { first = false } = {}): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ id: resultMessageId(message), message, first, resolve, reject });
      this.#sending ??= this.#sendAll();
    });
  }

  async #sendAll(): Promise<void> {
    await Promise.resolve();
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, MAX_BATCH);
      try {
        await this.#add(batch);
        for (const { resolve } of batch) resolve();
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#sending = undefined;
  }

  async #add(batch: readonly Waiting[]): Promise<void> {
    const messages = batch.map(({ id, message, first }) => ({ id, data: message, first }));
    const deadline = Date.now() + GIVE_UP_AFTER_MS;
    for (;;) {
      try {
        return await this.#queues.append(RESULTS_STREAM, messages);
      } catch (error) {
        if (Date.now() > deadline) throw error;
        await delay(RETRY_MS);
      }
    }
  }
}

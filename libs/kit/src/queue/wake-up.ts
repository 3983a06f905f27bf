import { setTimeout as delay } from "node:timers/promises";

/**
 * Who waits for a job or a message is woken; this is how long a wake-up that got lost goes unseen,
 * and so how long a connection on which somebody waits may be silent.
 */
export const LOOK_EVERY_MS = 3_000;

/** A wake-up that is not lost when nobody waits for it: the next who waits goes on at once. */
export class WakeUp {
  #woken = Promise.withResolvers<void>();

  wake(): void {
    this.#woken.resolve();
  }

  /** Resolves when woken since the last wait ended, or after `ms`. */
  async wait(ms: number): Promise<void> {
    const timer = new AbortController();
    const late = delay(ms, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#woken.promise, late]);
    timer.abort();
    this.#woken = Promise.withResolvers<void>();
  }
}

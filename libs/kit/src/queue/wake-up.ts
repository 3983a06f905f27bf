import { setTimeout as delay } from "node:timers/promises";

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

import { setTimeout as delay } from "node:timers/promises";

/** A wake-up that is remembered when nothing is waiting: the next wait ends at once. */
export class WakeUp {
  #woken = Promise.withResolvers<void>();

  wake(): void {
    this.#woken.resolve();
  }

  /** Discards a wake-up whose work is about to be done anyway. */
  clear(): void {
    this.#woken = Promise.withResolvers<void>();
  }

  /** Resolves when woken since the last wait ended, or after `ms`. */
  async wait(ms: number): Promise<void> {
    const timer = new AbortController();
    const late = delay(ms, undefined, { signal: timer.signal }).catch(() => {});
    await Promise.race([this.#woken.promise, late]);
    timer.abort();
    this.clear();
  }
}

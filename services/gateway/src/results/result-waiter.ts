import { EventEmitter } from "node:events";

/** Also polled this often: a notification may be lost. */
const POLL_MS = 500;

/** Lets requests wait for changes to a study, without a query per waiter and tick. */
export class ResultWaiter {
  readonly #studies = new EventEmitter().setMaxListeners(0);

  /** Something happened to this study. */
  notify(study: string): void {
    this.#studies.emit(study);
  }

  /** Calls `look` whenever the study changes, until it returns a value or time is up. */
  async wait<Value>(
    study: string,
    { deadlineMs, signal }: { readonly deadlineMs: number; readonly signal: AbortSignal },
    look: () => Promise<Value | null>,
  ): Promise<Value | null> {
    const end = Date.now() + deadlineMs;
    for (;;) {
      const happened = this.#next(study, Math.min(POLL_MS, Math.max(0, end - Date.now())), signal);
      const value = await look();
      if (value !== null || signal.aborted || Date.now() >= end) return value;
      await happened;
    }
  }

  #next(study: string, withinMs: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer);
        this.#studies.off(study, done);
        signal.removeEventListener("abort", done);
        resolve();
      };
      const timer = setTimeout(done, withinMs);
      this.#studies.once(study, done);
      signal.addEventListener("abort", done, { once: true });
    });
  }
}

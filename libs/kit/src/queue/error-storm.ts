/** This many errors in this short a time mean a loop that does nothing else. */
const STORM_ERRORS = 100;
const STORM_WINDOW_MS = 2_000;

/** Distinguishes a worker that only fails from one with occasional errors. */
export class ErrorStorm {
  #began = 0;
  #errors = 0;

  /** True once the errors of a short time are a storm. */
  add(now: number): boolean {
    if (now - this.#began > STORM_WINDOW_MS) {
      this.#began = now;
      this.#errors = 0;
    }
    this.#errors += 1;
    return this.#errors >= STORM_ERRORS;
  }
}

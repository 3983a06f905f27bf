import type { Logger } from "./log.ts";

/**
 * An outage is over after this long without a failure, unless the caller reports sooner that the
 * dependency worked. No dependency takes as long to fail: they have time limits of up to 10 s.
 */
const QUIET_MS = 30_000;

/**
 * Logs one line when a dependency begins to fail and one when it works again, however often it
 * fails in between: a dead Redis must not fill the disk with log lines.
 */
export class OutageLog {
  readonly #logger: Logger;
  readonly #dependency: string;
  #failures = 0;
  #recovery: NodeJS.Timeout | undefined;

  constructor(logger: Logger, dependency: string) {
    this.#logger = logger;
    this.#dependency = dependency;
  }

  failed(error: unknown): void {
    this.#failures += 1;
    if (this.#failures === 1) {
      this.#logger.error({ err: error, dependency: this.#dependency }, "dependency fails");
    }
    clearTimeout(this.#recovery);
    this.#recovery = setTimeout(() => this.worked(), QUIET_MS);
    this.#recovery.unref();
  }

  worked(): void {
    if (this.#failures === 0) return;
    clearTimeout(this.#recovery);
    const failures = this.#failures;
    this.#failures = 0;
    this.#logger.info({ dependency: this.#dependency, failures }, "dependency works again");
  }
}

import type { Logger } from "./log.ts";

type Closer = () => Promise<void>;

/** Everything is closed within this, or the process ends with exit code 1. */
export const SHUTDOWN_DEADLINE_MS = 30_000;

/**
 * What a process closes when it ends: in reverse order of registration, so that whatever was
 * opened first, and is leaned on by the rest, closes last.
 */
export class Shutdown {
  readonly #logger: Logger;
  readonly #controller = new AbortController();
  readonly #closers: { readonly name: string; readonly close: Closer }[] = [];
  #closing: Promise<boolean> | undefined;
  #current: string | undefined;

  constructor(logger: Logger) {
    this.#logger = logger;
  }

  /** Aborted when the shutdown begins. */
  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** What is being closed just now: whoever gives up waiting can say for what. */
  get current(): string | undefined {
    return this.#current;
  }

  onClose(name: string, close: Closer): void {
    this.#closers.push({ name, close });
  }

  /** Runs every closer once; true when all of them succeeded. */
  close(): Promise<boolean> {
    this.#closing ??= this.#closeAll();
    return this.#closing;
  }

  async #closeAll(): Promise<boolean> {
    this.#controller.abort();
    let clean = true;
    for (const { name, close } of this.#closers.toReversed()) {
      this.#current = name;
      try {
        await close();
      } catch (error) {
        clean = false;
        this.#logger.error({ err: error, closer: name }, "could not close");
      }
    }
    return clean;
  }
}

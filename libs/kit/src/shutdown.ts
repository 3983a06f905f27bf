import type { Logger } from "./log.ts";

type Closer = () => Promise<void>;

/** Deadline for closing everything; after it the process exits with code 1. */
export const SHUTDOWN_DEADLINE_MS = 30_000;

/** Closes what a process opened, in reverse order, so that what the rest depends on closes last. */
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

  /** What is being closed now, for the message when the deadline passes. */
  get current(): string | undefined {
    return this.#current;
  }

  onClose(name: string, close: Closer): void {
    this.#closers.push({ name, close });
  }

  /** Runs every closer once. Returns true when all of them succeeded. */
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

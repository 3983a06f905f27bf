import { Worker } from "node:worker_threads";
import { AxialError } from "@axial/contracts";
import type { ThreadAnswer } from "./thread-answer.ts";

/** JavaScript heap of a thread: samples live outside of it, parsed headers inside. */
const HEAP_MEGABYTES = 512;

/** Loading the script does not count towards the work's time. */
const START_TIMEOUT_MS = 30_000;

interface Work<Result> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: AxialError) => void;
}

/**
 * A thread that does one piece of work at a time. A decoder that exceeds the timeout or crashes
 * costs this thread: `alive` is then false and it takes no more work.
 */
export class KillableThread<Command, Result> {
  alive = true;
  readonly #timeoutMs: number;
  readonly #thread: Worker;
  readonly #ready: Promise<void>;
  #work: Work<Result> | null = null;

  constructor(script: URL, timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#thread = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#ready = promise;
    promise.catch(() => {});
    this.#thread.on("message", (answer: ThreadAnswer<Result>) => {
      if (answer.status === "ready") resolve();
      else this.#settle(answer);
    });
    this.#thread.on("error", (cause) => this.#died(cause, reject));
    this.#thread.on("exit", () => this.#died(undefined, reject));
  }

  /** Does one piece. */
  async run(command: Command): Promise<Result> {
    await this.#within(START_TIMEOUT_MS, this.#ready);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#work = { resolve, reject };
    this.#thread.postMessage(command);
    return this.#within(this.#timeoutMs, promise);
  }

  async close(): Promise<void> {
    this.alive = false;
    await this.#thread.terminate();
  }

  async #within<T>(milliseconds: number, outcome: Promise<T>): Promise<T> {
    const { promise, reject } = Promise.withResolvers<never>();
    const timer = setTimeout(() => {
      void this.close();
      reject(new AxialError("decode-timeout", { detail: `stopped after ${milliseconds} ms` }));
    }, milliseconds);
    try {
      return await Promise.race([outcome, promise]);
    } finally {
      clearTimeout(timer);
    }
  }

  #settle(answer: Exclude<ThreadAnswer<Result>, { status: "ready" }>): void {
    const work = this.#work;
    this.#work = null;
    if (answer.status === "done") work?.resolve(answer.result);
    else work?.reject(new AxialError(answer.failure.code, answer.failure));
  }

  #died(cause: unknown, rejectReady: (error: AxialError) => void): void {
    this.alive = false;
    const error = new AxialError("undecodable", { detail: "the decode thread died", cause });
    rejectReady(error);
    this.#work?.reject(error);
    this.#work = null;
  }
}

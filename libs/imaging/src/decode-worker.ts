import { Worker } from "node:worker_threads";
import { AxialError } from "@axial/contracts";
import type { DecodeAnswer, DecodeCommand, PreparedFrame } from "./decode-messages.ts";

const SCRIPT = new URL("./decode-thread.ts", import.meta.url);

/** JavaScript heap of a thread: samples live outside of it, parsed headers inside. */
const HEAP_MEGABYTES = 512;

/** Loading the script is not the sample's fault, and not counted in its time. */
const START_TIMEOUT_MS = 30_000;

interface Work {
  readonly resolve: (frame: PreparedFrame) => void;
  readonly reject: (error: AxialError) => void;
}

/**
 * One thread that takes one sample at a time. A decoder that spins past the timeout or brings the
 * thread down costs this thread: `alive` is then false and it takes no more.
 */
export class DecodeWorker {
  alive = true;
  readonly #timeoutMs: number;
  readonly #thread: Worker;
  readonly #ready: Promise<void>;
  #work: Work | null = null;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.#thread = new Worker(SCRIPT, {
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#ready = promise;
    promise.catch(() => {});
    this.#thread.on("message", (answer: DecodeAnswer) => {
      if (answer.status === "ready") resolve();
      else this.#settle(answer);
    });
    this.#thread.on("error", (cause) => this.#died(cause, reject));
    this.#thread.on("exit", () => this.#died(undefined, reject));
  }

  /** Makes one sample; `transfer` lists buffers that go to the thread and leave the caller. */
  async run(command: DecodeCommand, transfer: readonly ArrayBuffer[]): Promise<PreparedFrame> {
    await this.#within(START_TIMEOUT_MS, this.#ready);
    const { promise, resolve, reject } = Promise.withResolvers<PreparedFrame>();
    this.#work = { resolve, reject };
    this.#thread.postMessage(command, [...transfer]);
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

  #settle(answer: Exclude<DecodeAnswer, { status: "ready" }>): void {
    const work = this.#work;
    this.#work = null;
    if (answer.status === "done") work?.resolve({ rows: answer.rows, columns: answer.columns });
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

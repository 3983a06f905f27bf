import { AxialError } from "@axial/contracts";
import { KillableThread } from "./killable-thread.ts";

export interface ThreadPoolOptions {
  readonly threads: number;
  /** Work that takes longer is given up with `decode-timeout`, and its thread replaced. */
  readonly timeoutMs: number;
  /** Work that may wait for a thread; beyond that `run` rejects with `too-busy`. */
  readonly maxWaiting?: number;
}

const DEFAULT_MAX_WAITING = 4_096;

interface Job<Command, Result> {
  readonly command: Command;
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
}

/** Threads that run one script and can be killed; first come first served. */
export class ThreadPool<Command, Result> {
  readonly #script: URL;
  readonly #options: ThreadPoolOptions;
  readonly #waiting: Job<Command, Result>[] = [];
  readonly #running = new Set<Job<Command, Result>>();
  readonly #threads = new Set<KillableThread<Command, Result>>();
  readonly #idle: KillableThread<Command, Result>[] = [];
  #closed = false;

  constructor(script: URL, options: ThreadPoolOptions) {
    this.#script = script;
    this.#options = options;
  }

  /**
   * Does one piece of work. Rejects with the script's error, `decode-timeout`, `too-busy`, or
   * `shutting-down` after `close`.
   */
  run(command: Command): Promise<Result> {
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ command, resolve, reject });
    this.#start();
    return promise;
  }

  /** Stops every thread; what is unfinished is rejected with `shutting-down`. */
  async close(): Promise<void> {
    this.#closed = true;
    const stopped = new AxialError("shutting-down");
    for (const job of [...this.#waiting.splice(0), ...this.#running]) job.reject(stopped);
    await Promise.all([...this.#threads].map((thread) => thread.close()));
    this.#threads.clear();
  }

  #refusal(): AxialError | null {
    if (this.#closed) return new AxialError("shutting-down");
    const { maxWaiting = DEFAULT_MAX_WAITING } = this.#options;
    if (this.#waiting.length < maxWaiting) return null;
    return new AxialError("too-busy", { detail: `${this.#waiting.length} pieces wait` });
  }

  #start(): void {
    while (this.#waiting.length > 0) {
      const thread = this.#takeThread();
      const job = thread && this.#waiting.shift();
      if (!thread || !job) return;
      void this.#run(thread, job);
    }
  }

  #takeThread(): KillableThread<Command, Result> | null {
    const idle = this.#idle.pop();
    if (idle?.alive) return idle;
    if (idle) {
      this.#threads.delete(idle);
      return this.#takeThread();
    }
    if (this.#threads.size >= this.#options.threads) return null;
    const thread = new KillableThread<Command, Result>(this.#script, this.#options.timeoutMs);
    this.#threads.add(thread);
    return thread;
  }

  async #run(thread: KillableThread<Command, Result>, job: Job<Command, Result>): Promise<void> {
    this.#running.add(job);
    try {
      job.resolve(await thread.run(job.command));
    } catch (error) {
      job.reject(error);
    } finally {
      this.#running.delete(job);
      if (thread.alive) this.#idle.push(thread);
      else this.#threads.delete(thread);
      if (!this.#closed) this.#start();
    }
  }
}

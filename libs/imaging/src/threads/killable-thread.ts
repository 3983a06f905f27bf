import { Worker } from "node:worker_threads";
import { AxialError } from "@axial/contracts";
import {
  IDLE,
  PROGRESS,
  type ThreadAnswer,
  type ThreadCommand,
  type ThreadData,
} from "./thread-messages.ts";

/** JavaScript heap of a thread: samples live outside of it, parsed headers inside. */
const HEAP_MEGABYTES = 512;

/** Loading the script does not count towards a step's time. */
const START_TIMEOUT_MS = 60_000;

/** A command on its way through the pool. */
export interface Job<Command, Result> extends ThreadCommand<Command> {
  readonly resolve: (result: Result) => void;
  readonly reject: (error: unknown) => void;
  /** Threads that were lost while they held it. */
  losses: number;
}

interface KillableThreadOptions<Command, Result> {
  readonly script: URL;
  readonly setup: unknown;
  /** Milliseconds that one step of a command may take. */
  readonly stepMs: number;
  /** Called after each answer. */
  onAnswer(): void;
  /** Called once, when the thread has died by itself. */
  onDeath(thread: KillableThread<Command, Result>, cause: unknown): void;
}

/**
 * A thread that runs its commands one after another. A step that hangs or crashes costs the whole
 * thread; `atWork` then says which command it was.
 */
export class KillableThread<Command, Result> {
  /** Its commands in order: the first is at work, or about to be. */
  readonly held = new Map<number, Job<Command, Result>>();
  readonly #options: KillableThreadOptions<Command, Result>;
  readonly #progress = new Int32Array(new SharedArrayBuffer(8)).fill(IDLE);
  readonly #worker: Worker;
  #started = false;
  #stopped = false;
  /** The progress last seen, and since when it has been that. */
  #seen = "";
  #since = performance.now();

  constructor(options: KillableThreadOptions<Command, Result>) {
    this.#options = options;
    const data: ThreadData = { setup: options.setup, progress: this.#progress };
    this.#worker = new Worker(options.script, {
      workerData: data,
      resourceLimits: { maxOldGenerationSizeMb: HEAP_MEGABYTES },
    });
    this.#worker.on("message", (answer: ThreadAnswer<Result>) => this.#heard(answer));
    this.#worker.on("error", (cause) => this.#died(cause));
    this.#worker.on("exit", () => this.#died(undefined));
  }

  /** Whether it ever was ready for commands. */
  get started(): boolean {
    return this.#started;
  }

  /** The command that it works on, and the step of it; null between commands. */
  get atWork(): { readonly job: Job<Command, Result>; readonly step: number } | null {
    const job = this.held.get(this.#progress[PROGRESS.command] ?? IDLE);
    return job === undefined ? null : { job, step: this.#progress[PROGRESS.step] ?? 0 };
  }

  give(job: Job<Command, Result>): void {
    if (this.held.size === 0) this.#since = performance.now();
    this.held.set(job.id, job);
    this.#worker.postMessage({ id: job.id, command: job.command } satisfies ThreadCommand<Command>);
  }

  /** True when it has been at the same step for too long. To be asked every so often. */
  isStuck(now: number): boolean {
    const seen = this.#progress.join();
    if (seen !== this.#seen || this.held.size === 0) {
      this.#seen = seen;
      this.#since = now;
    }
    return now - this.#since > (this.#started ? this.#options.stepMs : START_TIMEOUT_MS);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#worker.terminate();
  }

  #heard(answer: ThreadAnswer<Result>): void {
    if (answer.status === "ready") {
      this.#started = true;
      this.#since = performance.now();
      return;
    }
    const job = this.held.get(answer.id);
    this.held.delete(answer.id);
    if (answer.status === "done") job?.resolve(answer.result);
    else job?.reject(new AxialError(answer.failure.code, answer.failure));
    this.#options.onAnswer();
  }

  #died(cause: unknown): void {
    if (this.#stopped) return;
    this.#stopped = true;
    this.#options.onDeath(this, cause);
  }
}

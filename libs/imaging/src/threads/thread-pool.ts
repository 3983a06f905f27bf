import { AxialError, type ErrorCode } from "@axial/contracts";
import { type Job, KillableThread } from "./killable-thread.ts";

export interface ThreadPoolOptions {
  readonly threads: number;
  /** A step that takes longer is given up with `decode-timeout`, and its thread replaced. */
  readonly timeoutMs: number;
  /** Commands that wait for a thread at most; beyond that `run` rejects with `too-busy`. */
  readonly maxWaiting?: number;
  /** Commands that one thread holds: the one at work and those that it reads ahead. */
  readonly perThread?: number;
  /** What the threads are started with (`threadSetup`). */
  readonly setup?: unknown;
  /** Starts the threads now instead of with the first commands. */
  readonly eager?: boolean;
}

const DEFAULT_MAX_WAITING = 4_096;

/** How often steps are timed, at most and at least. */
const LOOK_EVERY_MS = { most: 10, least: 1_000 };

/** A command that is never at work when its threads die is to blame after this many. */
const MAX_LOSSES = 3;

/** A command cost its thread: `step` is the part that was at work, null where none is known. */
export class ThreadLostError extends AxialError {
  readonly step: number | null;

  constructor(code: ErrorCode, { step, ...rest }: { step: number | null } & ErrorDetails) {
    super(code, rest);
    this.step = step;
  }
}

interface ErrorDetails {
  readonly detail: string;
  readonly cause?: unknown;
}

/**
 * Threads that run one script and can be killed; first come first served. A command that hangs or
 * kills its thread fails alone: the thread is replaced, and its other commands begin again.
 */
export class ThreadPool<Command, Result> {
  readonly #script: URL;
  readonly #options: ThreadPoolOptions;
  readonly #waiting: Job<Command, Result>[] = [];
  readonly #threads = new Set<KillableThread<Command, Result>>();
  #looking: NodeJS.Timeout | undefined;
  #nextId = 0;
  #closed = false;

  constructor(script: URL, options: ThreadPoolOptions) {
    this.#script = script;
    this.#options = options;
    if (options.eager) while (this.#threads.size < options.threads) this.#open();
  }

  /** True when a command would go to a thread now. */
  get ready(): boolean {
    return !this.#closed && this.#waiting.length === 0 && this.#mayTake();
  }

  /**
   * Runs one command. Rejects with the script's error; with `ThreadLostError` (`decode-timeout`, or
   * `undecodable` when the thread died); with `internal` when threads do not start; with
   * `too-busy`; and with `shutting-down` after `close`.
   */
  run(command: Command): Promise<Result> {
    const refusal = this.#refusal();
    if (refusal) return Promise.reject(refusal);
    const { promise, resolve, reject } = Promise.withResolvers<Result>();
    this.#waiting.push({ id: this.#nextId++, command, resolve, reject, losses: 0 });
    this.#handOut();
    return promise;
  }

  /** Stops every thread; what is unfinished is rejected with `shutting-down`. */
  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#looking);
    const threads = [...this.#threads];
    const stopped = new AxialError("shutting-down");
    const held = threads.flatMap((thread) => [...thread.held.values()]);
    for (const job of [...this.#waiting.splice(0), ...held]) job.reject(stopped);
    await Promise.all(threads.map((thread) => thread.stop()));
    this.#threads.clear();
  }

  get #perThread(): number {
    return this.#options.perThread ?? 1;
  }

  #refusal(): AxialError | null {
    if (this.#closed) return new AxialError("shutting-down");
    const { maxWaiting = DEFAULT_MAX_WAITING } = this.#options;
    if (this.#waiting.length < maxWaiting) return null;
    return new AxialError("too-busy", { detail: `${this.#waiting.length} commands wait` });
  }

  #mayTake(): boolean {
    if (this.#threads.size < this.#options.threads) return true;
    return [...this.#threads].some((thread) => thread.held.size < this.#perThread);
  }

  #handOut(): void {
    while (this.#waiting.length > 0 && this.#mayTake()) {
      const job = this.#waiting.shift();
      if (job !== undefined) this.#leastBusy().give(job);
    }
    this.#look();
  }

  /** An idle thread, or a new one, or the one that holds least. */
  #leastBusy(): KillableThread<Command, Result> {
    const [first, ...others] = this.#threads;
    const least = others.reduce((a, b) => (a && a.held.size <= b.held.size ? a : b), first);
    const isFull = this.#threads.size === this.#options.threads;
    return least !== undefined && (least.held.size === 0 || isFull) ? least : this.#open();
  }

  #open(): KillableThread<Command, Result> {
    const thread = new KillableThread<Command, Result>({
      script: this.#script,
      setup: this.#options.setup,
      stepMs: this.#options.timeoutMs,
      onAnswer: () => this.#handOut(),
      onDeath: (dead, cause) => {
        const code = dead.started ? "undecodable" : "internal";
        this.#replace(dead, code, { detail: "the decode thread died", cause });
      },
    });
    this.#threads.add(thread);
    return thread;
  }

  /** Times the steps while there are any. */
  #look(): void {
    const isBusy = [...this.#threads].some((thread) => thread.held.size > 0);
    if (isBusy && this.#looking === undefined) {
      const { timeoutMs } = this.#options;
      const every = Math.min(LOOK_EVERY_MS.least, Math.max(LOOK_EVERY_MS.most, timeoutMs / 4));
      this.#looking = setInterval(() => this.#stopHanging(), every);
    } else if (!isBusy) {
      clearInterval(this.#looking);
      this.#looking = undefined;
    }
  }

  #stopHanging(): void {
    const now = performance.now();
    for (const thread of [...this.#threads]) {
      if (!thread.isStuck(now)) continue;
      const code = thread.started ? "decode-timeout" : "internal";
      this.#replace(thread, code, { detail: `stopped after ${this.#options.timeoutMs} ms` });
    }
  }

  /** Rejects the command that cost the thread, and hands its others out again. */
  #replace(lost: KillableThread<Command, Result>, code: ErrorCode, about: ErrorDetails): void {
    if (!this.#threads.delete(lost) || this.#closed) return;
    void lost.stop();
    const { atWork } = lost;
    const again: Job<Command, Result>[] = [];
    for (const job of lost.held.values()) {
      job.losses += 1;
      if (job === atWork?.job)
        job.reject(new ThreadLostError(code, { ...about, step: atWork.step }));
      else if (!lost.started || job.losses === MAX_LOSSES) {
        job.reject(new ThreadLostError(code, { ...about, step: null }));
      } else again.push(job);
    }
    this.#waiting.unshift(...again);
    this.#handOut();
  }
}

import type { ErrorCode, Failure, Lane } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import type { EngineCounts, EngineOutcome, EngineSettings, EngineTask } from "../protocol.ts";
import type { EngineProcess } from "./engine-process.ts";
import { combined, type EngineState, whyNotReady } from "./engine-state.ts";
import { HeldTasks } from "./held-tasks.ts";
import { SupervisedEngine } from "./supervised-engine.ts";
import type { WatchdogLimits } from "./watchdog.ts";

const WATCH_EVERY_MS = 500;
/** Tasks that no engine has begun wait this long for one. */
const PATIENCE_MS = 20_000;

interface EngineKeeperOptions {
  /** One entry per engine process. */
  readonly engines: readonly EngineSettings[];
  /** Folders of the model packages that every engine serves. */
  readonly packages: readonly string[];
  readonly limits: WatchdogLimits;
  readonly logger: Logger;
  onState(state: EngineState): void;
  onCounts(counts: EngineCounts): void;
  onRestart(reason: ErrorCode): void;
}

/**
 * Keeps the engines running and hands each task to the least busy one. Tasks that an engine was
 * working on when it died have failed; those it had not begun go to another.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  readonly #held = new HeldTasks<EngineProcess>();
  readonly #watch: NodeJS.Timeout;
  readonly #engines: readonly SupervisedEngine[];
  #patience: NodeJS.Timeout | undefined;
  #watchedAt = performance.now();
  #closing = false;
  #emptied: (() => void) | undefined;

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
    this.#engines = options.engines.map((settings) => this.#open(settings));
    this.#watch = setInterval(() => this.#lookAfter(), WATCH_EVERY_MS);
  }

  /** Ready while one engine serves. */
  get state(): EngineState {
    return combined(this.#engines.map((engine) => engine.state));
  }

  /** Process ids of the engines that serve. */
  get pids(): readonly number[] {
    return this.#ready().flatMap(({ pid }) => pid ?? []);
  }

  /** Resolves with how the task ended, however it ended. */
  async run(task: EngineTask): Promise<EngineOutcome> {
    if (this.#closing) return { kind: "failed", code: "shutting-down" };
    const { promise, isNew } = this.#held.hold(task);
    if (isNew) this.#submit(task);
    const outcome = await promise;
    if (this.#held.size === 0) this.#emptied?.();
    return outcome;
  }

  /** Withdraws a task; does nothing for one that is not held. */
  withdraw(key: string): void {
    const owner = this.#held.ownerOf(key);
    if (owner === undefined) return;
    this.#options.logger.debug({ job: key }, "a task is withdrawn");
    if (owner === null) {
      this.#held.settle(key, { kind: "failed", code: "withdrawn" });
    } else owner.withdraw(key);
  }

  /** Rejects with the reason when no engine serves, or when one of several may not. */
  async check(): Promise<void> {
    const states = this.#engines.map((engine) => engine.state);
    const bad = states.filter(({ status }) => status === "unready");
    const reason = whyNotReady(bad[0] ?? combined(states));
    if (reason !== null) throw new Error(reason);
  }

  /**
   * Replaces every engine by one that serves `packages`, one after another and without a gap.
   * Returns null, or why the first one may not serve; the engines then stay as they are.
   */
  async reload(packages: readonly string[]): Promise<readonly Failure[] | null> {
    for (const engine of this.#engines) {
      const failures = await engine.replace(packages);
      if (failures !== null) return failures;
    }
    return null;
  }

  /** Tasks that the worker holds. */
  get heldTasks(): number {
    return this.#held.size;
  }

  /** The same by lane. */
  get heldByLane(): Partial<Record<Lane, number>> {
    return this.#held.byLane();
  }

  /** Finishes what has begun, within `deadlineMs`; returns the rest as `shutting-down`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#patience);
    for (const engine of this.#engines) {
      engine.stopRestarting();
      engine.serving?.drain();
    }
    this.#held.failWaiting("shutting-down");
    await this.#emptyWithin(deadlineMs);
    this.#held.failAll("shutting-down");
  }

  /** Ends the engine processes. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watch);
    clearTimeout(this.#patience);
    await Promise.all(this.#engines.map((engine) => engine.close(this.#options.limits.silenceMs)));
  }

  #open(settings: EngineSettings): SupervisedEngine {
    const { packages, limits, logger, onCounts, onRestart } = this.#options;
    const events = {
      begun: (_run: EngineProcess, key: string) => this.#held.begun(key, performance.now()),
      outcome: (run: EngineProcess, key: string, outcome: EngineOutcome) =>
        this.#answered(run, key, outcome),
      counts: onCounts,
      state: () => this.#changed(),
      lost: (run: EngineProcess, code: ErrorCode) => this.#lost(run, code),
      restart: onRestart,
    };
    return new SupervisedEngine({ settings, packages, limits, logger, events });
  }

  /** Hands the task to the least busy ready engine; without one it waits. */
  #submit(task: EngineTask): void {
    const [first, ...others] = this.#ready();
    if (first === undefined) return;
    const load = (engine: EngineProcess) => this.#held.count(engine);
    const engine = others.reduce((a, b) => (load(b) < load(a) ? b : a), first);
    this.#held.give(task.key, engine);
    engine.submit(task);
  }

  #ready(): readonly EngineProcess[] {
    return this.#engines.flatMap(({ state, serving }) =>
      state.status === "ready" && serving !== undefined ? [serving] : [],
    );
  }

  #answered(run: EngineProcess, key: string, outcome: EngineOutcome): void {
    const givenBack = outcome.kind === "failed" && outcome.code === "shutting-down";
    if (givenBack && !this.#closing && this.#isRetired(run)) {
      this.#held.takeBack(key);
      this.#submitWaiting();
    } else {
      this.#held.settle(key, outcome);
    }
    this.#releaseRetired();
  }

  #isRetired(run: EngineProcess): boolean {
    return this.#engines.some(({ retiring }) => retiring.has(run));
  }

  #changed(): void {
    this.#options.onState(this.state);
    if (this.state.status === "ready") clearTimeout(this.#patience);
    this.#submitWaiting();
    this.#releaseRetired();
  }

  #lost(run: EngineProcess, code: ErrorCode): void {
    this.#held.lost(run, code);
    if (this.#closing) this.#held.failWaiting("shutting-down");
    else this.#submitWaiting();
    if (this.state.status === "ready" || this.#closing) return;
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#held.failWaiting(code), PATIENCE_MS);
  }

  #submitWaiting(): void {
    if (this.#closing) return;
    for (const task of this.#held.waiting()) this.#submit(task);
  }

  /** A replaced engine ends once everything that it had has an outcome. */
  #releaseRetired(): void {
    for (const { retiring } of this.#engines) {
      for (const run of retiring) if (this.#held.count(run) === 0) void run.close();
    }
  }

  #lookAfter(): void {
    const now = performance.now();
    const deaf = now - this.#watchedAt > 4 * WATCH_EVERY_MS;
    this.#watchedAt = now;
    for (const { runs } of this.#engines) {
      for (const run of runs) run.lookAfter(this.#held.oldestBegunAt(run), deaf);
    }
  }

  async #emptyWithin(deadlineMs: number): Promise<void> {
    if (this.#held.size === 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      this.#emptied = resolve;
      timer = setTimeout(resolve, deadlineMs);
    });
    clearTimeout(timer);
  }
}

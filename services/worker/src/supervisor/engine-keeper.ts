import { AxialError, type ErrorCode, type Failure } from "@axial/contracts";
import { fellBack } from "@axial/inference";
import type { Logger } from "@axial/kit";
import type {
  EngineConfig,
  EngineCounts,
  EngineTask,
  FromEngine,
  ReadyModel,
  TaskOutcome,
} from "../protocol.ts";
import { EngineProcess } from "./engine-process.ts";
import { HeldTasks } from "./held-tasks.ts";
import { type EngineVitals, hangReason, type WatchdogLimits } from "./watchdog.ts";

const WATCH_EVERY_MS = 500;
const RESTART_FIRST_MS = 100;
const RESTART_CEILING_MS = 5_000;
/** An engine that served this long was sound: the next restart is quick again. */
const SOUND_AFTER_MS = 60_000;
/** A package that does not verify is tried again at this pace, in case somebody repairs it. */
const UNREADY_RETRY_MS = 15_000;
/** Tasks that had not begun when the engine died wait this long for the next one. */
const PATIENCE_MS = 20_000;

export type EngineState =
  | { readonly status: "starting" }
  | { readonly status: "ready"; readonly models: readonly ReadyModel[] }
  | { readonly status: "unready"; readonly failures: readonly Failure[] }
  | { readonly status: "down"; readonly reason: string };

export interface EngineKeeperOptions {
  readonly config: EngineConfig;
  readonly limits: WatchdogLimits;
  readonly logger: Logger;
  onState(state: EngineState): void;
  onCounts(counts: EngineCounts): void;
  onRestart(reason: ErrorCode): void;
}

/**
 * Keeps an engine running: starts it, hands it tasks, notices when it dies or hangs, kills it,
 * reports what it was working on as failed, and starts the next with backoff.
 */
export class EngineKeeper {
  readonly #options: EngineKeeperOptions;
  readonly #held = new HeldTasks();
  readonly #watch: NodeJS.Timeout;
  #state: EngineState = { status: "starting" };
  #engine: EngineProcess | undefined;
  #restart: NodeJS.Timeout | undefined;
  #patience: NodeJS.Timeout | undefined;
  #vitals: EngineVitals = newVitals();
  #watchedAt = performance.now();
  #restartMs = RESTART_FIRST_MS;
  #hung = false;
  #closing = false;
  #emptied: (() => void) | undefined;

  constructor(options: EngineKeeperOptions) {
    this.#options = options;
    this.#watch = setInterval(() => this.#lookAfter(), WATCH_EVERY_MS);
    this.#start();
  }

  get state(): EngineState {
    return this.#state;
  }

  get pid(): number | undefined {
    return this.#engine?.pid;
  }

  /** Resolves with how the task ended, however it ended. */
  async run(task: EngineTask): Promise<TaskOutcome> {
    if (this.#closing) return { status: "failed", failure: { code: "shutting-down" } };
    const { promise, isNew } = this.#held.hold(task);
    if (isNew && this.#state.status === "ready") this.#engine?.submit(task);
    const outcome = await promise;
    if (this.#held.size === 0) this.#emptied?.();
    return outcome;
  }

  /** Rejects with the reason when no engine serves. */
  async check(): Promise<void> {
    const state = this.#state;
    if (state.status === "ready") return;
    if (state.status === "starting") throw new Error("the engine is starting");
    if (state.status === "down") throw new Error(`the engine is down: ${state.reason}`);
    throw new Error(state.failures.map(({ code, detail }) => `${code}: ${detail}`).join("; "));
  }

  /** Finishes what has begun, within `deadlineMs`; gives back the rest as `shutting-down`. */
  async drain(deadlineMs: number): Promise<void> {
    this.#closing = true;
    clearTimeout(this.#restart);
    clearTimeout(this.#patience);
    if (this.#state.status === "ready") {
      this.#engine?.drain();
      await this.#emptyWithin(deadlineMs);
    }
    this.#held.failAll("shutting-down");
  }

  /** Ends the engine process. */
  async close(): Promise<void> {
    this.#closing = true;
    clearInterval(this.#watch);
    clearTimeout(this.#restart);
    clearTimeout(this.#patience);
    const kill = setTimeout(() => this.#engine?.kill(), this.#options.limits.silenceMs);
    await this.#engine?.close();
    clearTimeout(kill);
  }

  #start(): void {
    this.#vitals = newVitals();
    this.#hung = false;
    this.#engine = new EngineProcess(this.#options.config, {
      message: (message) => this.#heard(message),
      exit: () => this.#ended(),
    });
  }

  #heard(message: FromEngine): void {
    const now = performance.now();
    this.#vitals = { ...this.#vitals, lastMessageAt: now };
    switch (message.kind) {
      case "ready":
        this.#ready(message.models);
        break;
      case "unready":
        this.#unready(message.failures);
        break;
      case "begun":
        this.#held.begun(message.key, now);
        break;
      case "outcome":
        this.#held.settle(message.key, message.outcome);
        break;
      case "batch":
        this.#vitals = {
          ...this.#vitals,
          batchesRunning: message.running,
          batchesChangedAt: now,
        };
        break;
      case "beat":
        this.#options.onCounts(message.counts);
        break;
      default:
        message satisfies never;
    }
  }

  #ready(models: readonly ReadyModel[]): void {
    const { providers } = this.#options.config;
    const fallen = models.find(({ provider }) => fellBack(provider, providers));
    if (fallen !== undefined) {
      const detail = `told to use ${providers[0]}, ${fallen.id} runs on ${fallen.provider}`;
      this.#unready([{ code: "provider-fallback", detail }]);
      return;
    }
    clearTimeout(this.#patience);
    this.#vitals = { ...this.#vitals, state: "serving" };
    this.#enter({ status: "ready", models });
    for (const task of this.#held.waiting()) this.#engine?.submit(task);
  }

  /** The engine stays out of service; another is tried later, in case somebody mended it. */
  #unready(failures: readonly Failure[]): void {
    this.#options.logger.error({ failures }, "engine is not ready");
    this.#enter({ status: "unready", failures });
    this.#engine?.kill();
  }

  #ended(): void {
    this.#engine = undefined;
    if (this.#closing) {
      this.#held.failAll("shutting-down");
      return;
    }
    const code: ErrorCode = this.#hung ? "engine-hung" : "engine-crashed";
    const unready = this.#state.status === "unready";
    if (!unready) {
      this.#options.logger.error({ code }, "engine lost");
      this.#options.onRestart(code);
      this.#enter({ status: "down", reason: new AxialError(code).message });
    }
    this.#held.failBegun(code);
    clearTimeout(this.#patience);
    this.#patience = setTimeout(() => this.#held.failAll(code), PATIENCE_MS);
    this.#restart = setTimeout(() => this.#start(), unready ? UNREADY_RETRY_MS : this.#backoff());
  }

  #backoff(): number {
    const sound = performance.now() - this.#vitals.startedAt > SOUND_AFTER_MS;
    const delay = sound ? RESTART_FIRST_MS : this.#restartMs;
    this.#restartMs = Math.min(RESTART_CEILING_MS, delay * 2);
    return delay;
  }

  #lookAfter(): void {
    const now = performance.now();
    // This process was stopped for a while: the engine's silence is our own deafness.
    const deaf = now - this.#watchedAt > 4 * WATCH_EVERY_MS;
    this.#watchedAt = now;
    if (deaf) this.#vitals = { ...this.#vitals, lastMessageAt: now, batchesChangedAt: now };
    if (this.#hung || this.#engine === undefined) return;
    const vitals = { ...this.#vitals, oldestBegunAt: this.#held.oldestBegunAt };
    const reason = hangReason(vitals, this.#options.limits, now);
    if (reason === null) return;
    this.#hung = true;
    this.#options.logger.error({ reason }, "engine hangs and is killed");
    this.#engine?.kill();
  }

  #enter(state: EngineState): void {
    this.#state = state;
    this.#options.onState(state);
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

function newVitals(): EngineVitals {
  const now = performance.now();
  return {
    state: "starting",
    startedAt: now,
    lastMessageAt: now,
    batchesRunning: 0,
    batchesChangedAt: now,
    oldestBegunAt: null,
  };
}

import type { ErrorCode, Failure } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import type {
  EngineConfig,
  EngineCounts,
  EngineOutcome,
  EngineTask,
  FromEngine,
  ReadyModel,
} from "../protocol.ts";
import { EngineProcess } from "./engine-process.ts";
import { type EngineVitals, hangReason, type WatchdogLimits } from "./watchdog.ts";

export interface EngineRunEvents {
  ready(run: EngineRun, models: readonly ReadyModel[]): void;
  unready(run: EngineRun, failures: readonly Failure[]): void;
  begun(run: EngineRun, key: string): void;
  outcome(run: EngineRun, key: string, outcome: EngineOutcome): void;
  counts(counts: EngineCounts): void;
  /** It is gone, whoever wanted that; called once. */
  ended(run: EngineRun, code: ErrorCode): void;
}

export interface EngineRunOptions {
  readonly config: EngineConfig;
  readonly limits: WatchdogLimits;
  readonly logger: Logger;
  readonly events: EngineRunEvents;
}

/** One engine process from its start to its end, and whether it still answers. */
export class EngineRun {
  readonly #process: EngineProcess;
  readonly #options: EngineRunOptions;
  #vitals: EngineVitals;
  #hung = false;

  constructor(options: EngineRunOptions) {
    this.#options = options;
    const now = performance.now();
    this.#vitals = {
      state: "starting",
      startedAt: now,
      lastMessageAt: now,
      batchesRunning: 0,
      batchesChangedAt: now,
      oldestBegunAt: null,
    };
    this.#process = new EngineProcess(options.config, {
      message: (message) => this.#heard(message),
      exit: () => options.events.ended(this, this.#hung ? "engine-hung" : "engine-crashed"),
    });
  }

  get pid(): number | undefined {
    return this.#process.pid;
  }

  get startedAt(): number {
    return this.#vitals.startedAt;
  }

  submit(task: EngineTask): void {
    this.#process.submit(task);
  }

  /** Nobody wants the task any more: it answers `withdrawn`, unless it is done with it. */
  withdraw(key: string): void {
    this.#process.withdraw(key);
  }

  /** It finishes what it has begun and gives the rest back as `shutting-down`. */
  drain(): void {
    this.#process.drain();
  }

  kill(): void {
    this.#process.kill();
  }

  /** Lets it end by itself. */
  close(): Promise<void> {
    return this.#process.close();
  }

  /** Kills it when it hangs. `deaf`: we were stopped for a while, its silence is our own doing. */
  lookAfter(oldestBegunAt: number | null, deaf: boolean): void {
    const now = performance.now();
    if (deaf) this.#vitals = { ...this.#vitals, lastMessageAt: now, batchesChangedAt: now };
    if (this.#hung) return;
    const reason = hangReason({ ...this.#vitals, oldestBegunAt }, this.#options.limits, now);
    if (reason === null) return;
    this.#hung = true;
    this.#options.logger.error({ reason, pid: this.pid }, "engine hangs and is killed");
    this.kill();
  }

  #heard(message: FromEngine): void {
    const { events, logger } = this.#options;
    const now = performance.now();
    this.#vitals = { ...this.#vitals, lastMessageAt: now };
    switch (message.kind) {
      case "ready":
        this.#vitals = { ...this.#vitals, state: "serving" };
        for (const note of message.notes) logger.warn({ pid: this.pid }, note);
        events.ready(this, message.models);
        break;
      case "unready":
        events.unready(this, message.failures);
        break;
      case "begun":
        events.begun(this, message.key);
        break;
      case "outcome":
        events.outcome(this, message.key, message.outcome);
        break;
      case "beat":
        this.#vitals = withBatches(this.#vitals, message.counts, now);
        events.counts(message.counts);
        break;
      default:
        message satisfies never;
    }
  }
}

function withBatches(
  vitals: EngineVitals,
  { batchesRunning, batchesEnded }: EngineCounts,
  now: number,
): EngineVitals {
  if (batchesEnded === 0 && batchesRunning === vitals.batchesRunning) return vitals;
  return { ...vitals, batchesRunning, batchesChangedAt: now };
}

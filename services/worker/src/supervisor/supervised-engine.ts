import { AxialError, type ErrorCode, type Failure } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import type { EngineSettings, ReadyModel } from "../protocol.ts";
import { EngineProcess, type EngineProcessEvents } from "./engine-process.ts";
import { type EngineState, fallbacks } from "./engine-state.ts";
import type { WatchdogLimits } from "./watchdog.ts";

const RESTART_FIRST_MS = 100;
const RESTART_CEILING_MS = 5_000;
/** An engine that served this long was sound: the next restart is quick again. */
const SOUND_AFTER_MS = 60_000;
/** A package that fails verification is retried at this pace, in case it is repaired. */
const UNREADY_RETRY_MS = 15_000;

interface SupervisedEngineOptions {
  readonly settings: EngineSettings;
  readonly packages: readonly string[];
  readonly limits: WatchdogLimits;
  readonly logger: Logger;
  readonly events: Pick<EngineProcessEvents, "begun" | "outcome" | "counts"> & {
    state(state: EngineState): void;
    /** An engine with tasks has exited: those it was working on failed. */
    lost(run: EngineProcess, code: ErrorCode): void;
    restart(code: ErrorCode): void;
  };
}

interface Candidate {
  readonly run: EngineProcess;
  readonly packages: readonly string[];
  readonly settle: (failures: readonly Failure[] | null) => void;
}

/**
 * One engine, whichever process it runs in at the moment: starts it, starts another when it dies, and
 * replaces it by one that serves other packages without a gap: the old one serves until the new one
 * is ready, and then finishes what it had begun.
 */
export class SupervisedEngine {
  readonly #options: SupervisedEngineOptions;
  readonly #retiring = new Set<EngineProcess>();
  #packages: readonly string[];
  #state: EngineState = { status: "starting" };
  #serving: EngineProcess | undefined;
  #candidate: Candidate | undefined;
  #restart: NodeJS.Timeout | undefined;
  #restartMs = RESTART_FIRST_MS;
  #everReady = false;
  #closing = false;

  constructor(options: SupervisedEngineOptions) {
    this.#options = options;
    this.#packages = options.packages;
    this.#start();
  }

  get state(): EngineState {
    return this.#state;
  }

  /** The process that takes tasks; always there while the state is `ready`. */
  get serving(): EngineProcess | undefined {
    return this.#serving;
  }

  /** Every process that may have tasks. */
  get runs(): readonly EngineProcess[] {
    const candidate = this.#candidate === undefined ? [] : [this.#candidate.run];
    const serving = this.#serving === undefined ? [] : [this.#serving];
    return [...serving, ...candidate, ...this.#retiring];
  }

  /**
   * Starts an engine with `packages` beside the one that serves, and replaces that once it is
   * ready. Returns null, or why it may not serve, in which case nothing changes.
   */
  replace(packages: readonly string[]): Promise<readonly Failure[] | null> {
    const { promise, resolve: settle } = Promise.withResolvers<readonly Failure[] | null>();
    const run = this.#run(packages);
    this.#candidate = { run, packages, settle };
    return promise;
  }

  /** Engines that have been replaced and still finish what they had begun. */
  get retiring(): ReadonlySet<EngineProcess> {
    return this.#retiring;
  }

  /** No engine is started any more. */
  stopRestarting(): void {
    this.#closing = true;
    clearTimeout(this.#restart);
  }

  async close(killAfterMs: number): Promise<void> {
    this.stopRestarting();
    const runs = this.runs;
    const kill = setTimeout(() => {
      for (const run of runs) run.kill();
    }, killAfterMs);
    await Promise.all(runs.map((run) => run.close()));
    clearTimeout(kill);
  }

  #start(): void {
    this.#serving = this.#run(this.#packages);
  }

  #run(packages: readonly string[]): EngineProcess {
    const { settings, limits, logger, events } = this.#options;
    return new EngineProcess({
      config: { ...settings, packages },
      limits,
      logger,
      events: {
        ...events,
        ready: (run, models) => this.#ready(run, models),
        unready: (run, failures) => this.#unready(run, failures),
        ended: (run, code) => this.#ended(run, code),
      },
    });
  }

  #ready(run: EngineProcess, models: readonly ReadyModel[]): void {
    const fallen = fallbacks(this.#options.settings, models);
    if (fallen.length > 0) {
      this.#unready(run, fallen);
      return;
    }
    this.#everReady = true;
    if (this.#candidate?.run === run) this.#switchTo(this.#candidate);
    this.#enter({ status: "ready", models });
  }

  #switchTo({ run, packages, settle }: Candidate): void {
    const old = this.#serving;
    this.#candidate = undefined;
    this.#serving = run;
    this.#packages = packages;
    clearTimeout(this.#restart);
    if (old !== undefined) {
      this.#retiring.add(old);
      old.drain();
    }
    settle(null);
  }

  /** The engine stays out of service; another is tried later, in case it was repaired. */
  #unready(run: EngineProcess, failures: readonly Failure[]): void {
    this.#options.logger.error({ failures }, "engine is not ready");
    run.kill();
    if (this.#candidate?.run === run) this.#refuse(failures);
    else this.#enter({ status: "unready", failures });
  }

  #refuse(failures: readonly Failure[]): void {
    const candidate = this.#candidate;
    this.#candidate = undefined;
    if (candidate === undefined) return;
    // Nothing ever served: the newest packages are as good a guess as any.
    if (!this.#everReady) this.#packages = candidate.packages;
    candidate.settle(failures);
  }

  #ended(run: EngineProcess, code: ErrorCode): void {
    if (this.#candidate?.run === run) this.#refuse([{ code }]);
    if (this.#retiring.delete(run)) this.#options.events.lost(run, code);
    if (this.#serving !== run) return;
    this.#serving = undefined;
    const unready = this.#state.status === "unready";
    if (!unready && !this.#closing) {
      this.#options.logger.error({ code }, "engine lost");
      this.#options.events.restart(code);
      this.#enter({ status: "down", reason: new AxialError(code).message });
    }
    this.#options.events.lost(run, code);
    if (this.#closing) return;
    const delay = unready ? UNREADY_RETRY_MS : this.#backoff(run);
    this.#restart = setTimeout(() => this.#start(), delay);
  }

  #backoff(run: EngineProcess): number {
    const sound = performance.now() - run.startedAt > SOUND_AFTER_MS;
    const delay = sound ? RESTART_FIRST_MS : this.#restartMs;
    this.#restartMs = Math.min(RESTART_CEILING_MS, delay * 2);
    return delay;
  }

  #enter(state: EngineState): void {
    this.#state = state;
    this.#options.events.state(state);
  }
}

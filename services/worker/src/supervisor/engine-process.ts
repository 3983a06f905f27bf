import { type ChildProcess, fork } from "node:child_process";
import { dirname, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { ErrorCode, Failure } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import { engineEnvironment } from "../config.ts";
import type {
  EngineConfig,
  EngineCounts,
  EngineOutcome,
  EngineTask,
  FromEngine,
  ReadyModel,
  ToEngine,
} from "../protocol.ts";
import { confined } from "./confinement.ts";
import { enginePermissions } from "./engine-permissions.ts";
import { type EngineVitals, hangReason, type WatchdogLimits } from "./watchdog.ts";

const ENGINE = fileURLToPath(new URL("../engine/main.ts", import.meta.url));

export interface EngineProcessEvents {
  ready(engine: EngineProcess, models: readonly ReadyModel[]): void;
  unready(engine: EngineProcess, failures: readonly Failure[]): void;
  begun(engine: EngineProcess, key: string): void;
  outcome(engine: EngineProcess, key: string, outcome: EngineOutcome): void;
  counts(counts: EngineCounts): void;
  /** It has exited, for whatever reason; called once. */
  ended(engine: EngineProcess, code: ErrorCode): void;
}

interface EngineProcessOptions {
  readonly config: EngineConfig;
  readonly limits: WatchdogLimits;
  readonly logger: Logger;
  readonly events: EngineProcessEvents;
}

/** One engine process from its start to its end, and whether it still answers. */
export class EngineProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  readonly #options: EngineProcessOptions;
  #vitals: EngineVitals;
  #hung = false;

  constructor(options: EngineProcessOptions) {
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
    const config = withAbsolutePaths(options.config);
    const { execPath, execArgv } = confined({
      execPath: process.execPath,
      execArgv: enginePermissions(config),
    });
    this.#child = fork(ENGINE, [], {
      serialization: "advanced",
      stdio: ["ignore", "inherit", "inherit", "ipc"],
      ...{ execPath, execArgv: [...execArgv] },
      env: engineEnvironment(config),
      // A relative path in a model file, which a runtime might follow, leads into a folder with
      // only code.
      cwd: dirname(ENGINE),
    });
    this.#child.on("message", (messages) => {
      for (const message of messages as FromEngine[]) this.#heard(message);
    });
    this.#exited = new Promise((resolve) => {
      const ended = (): void => {
        options.events.ended(this, this.#hung ? "engine-hung" : "engine-crashed");
        resolve();
      };
      this.#child.once("exit", ended);
      // Could not be started at all: there will be no exit.
      this.#child.once("error", () => this.#child.pid === undefined && ended());
    });
    this.#send({ kind: "start", config });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  get startedAt(): number {
    return this.#vitals.startedAt;
  }

  submit(task: EngineTask): void {
    this.#send({ kind: "task", task });
  }

  /** Withdraws a task: the engine answers `withdrawn`, unless it has finished it. */
  withdraw(key: string): void {
    this.#send({ kind: "withdraw", key });
  }

  /** Makes it finish what it has begun and return the rest as `shutting-down`. */
  drain(): void {
    this.#send({ kind: "drain" });
  }

  kill(): void {
    this.#child.kill("SIGKILL");
  }

  /** Lets it end by itself: an engine without a supervisor exits. */
  async close(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    await this.#exited;
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

  /** A message to an engine that just died is lost; its exit is reported separately. */
  #send(message: ToEngine): void {
    if (this.#child.connected) this.#child.send(message, () => {});
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

function withAbsolutePaths(config: EngineConfig): EngineConfig {
  const { packages, tensorrtCache } = config;
  return {
    ...config,
    packages: packages.map((folder) => resolve(folder)),
    tensorrtCache: tensorrtCache === null ? null : resolve(tensorrtCache),
  };
}

function withBatches(
  vitals: EngineVitals,
  { batchesRunning, batchesEnded }: EngineCounts,
  now: number,
): EngineVitals {
  if (batchesEnded === 0 && batchesRunning === vitals.batchesRunning) return vitals;
  return { ...vitals, batchesRunning, batchesChangedAt: now };
}

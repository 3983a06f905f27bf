import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { childrenOf, isAlive } from "../../child-processes.ts";
import { launch } from "./place.ts";

/** Kubernetes starts a container that died at once, then ever more slowly; this is in between. */
const RESTART_AFTER_MS = 500;
const PROBE_TIMEOUT_MS = 2_000;
/** A service closes within its own deadline of 30 s. */
const STOP_WITHIN_MS = 40_000;

interface KeptProcessOptions {
  readonly name: string;
  readonly script: string;
  /** The command that starts it where it belongs; see `Place`. */
  readonly launcher: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Where the process answers its probes. */
  readonly url: string;
  /** Where it takes associations, if it is a gateway. */
  readonly associations: { readonly host: string; readonly port: number };
  /** Everything that it writes is appended here. */
  readonly logFile: string;
}

/** A service that is started again whenever it ends, as Kubernetes does it. */
export class KeptProcess {
  readonly name: string;
  readonly url: string;
  readonly associations: KeptProcessOptions["associations"];
  readonly #options: KeptProcessOptions;
  #child: ChildProcess;
  #respawned = Promise.withResolvers<void>();
  #stopping = false;
  #restarts = 0;

  constructor(options: KeptProcessOptions) {
    this.name = options.name;
    this.url = options.url;
    this.associations = options.associations;
    this.#options = options;
    this.#child = this.#spawn();
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** How often it was started again. */
  get restarts(): number {
    return this.#restarts;
  }

  /** The processes that it started: a worker's engine. */
  get children(): number[] {
    return childrenOf(this.pid);
  }

  signal(signal: NodeJS.Signals): void {
    if (isAlive(this.pid)) this.#child.kill(signal);
  }

  /** Sends a signal that ends it; resolves when its successor is started. */
  async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
    const respawned = this.#respawned.promise;
    this.signal(signal);
    await respawned;
  }

  /** True when `/readyz` says so. */
  async isReady(): Promise<boolean> {
    const signal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    return (await fetch(`${this.url}/readyz`, { signal }).catch(() => null))?.ok ?? false;
  }

  /** Ends it for good, by force if need be. Returns its exit code or signal. */
  async stop(): Promise<number | NodeJS.Signals | null> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, "exit");
      child.kill("SIGCONT");
      child.kill("SIGTERM");
      const force = setTimeout(() => child.kill("SIGKILL"), STOP_WITHIN_MS);
      await ended;
      clearTimeout(force);
    }
    return child.exitCode ?? child.signalCode;
  }

  /** Its machine is gone, and it is not started there again. */
  async abandon(): Promise<void> {
    this.#stopping = true;
    const child = this.#child;
    if (child.exitCode === null && child.signalCode === null) await once(child, "exit");
  }

  #spawn(): ChildProcess {
    const { launcher, script, environment, logFile } = this.#options;
    const log = openSync(logFile, "a");
    const child = launch(launcher, [process.execPath, script], {
      env: { ...process.env, ...environment },
      stdio: ["ignore", log, log],
    });
    closeSync(log);
    child.once("exit", () => {
      if (!this.#stopping) setTimeout(() => this.#again(), RESTART_AFTER_MS);
    });
    return child;
  }

  #again(): void {
    if (this.#stopping) return;
    this.#restarts += 1;
    this.#child = this.#spawn();
    this.#respawned.resolve();
    this.#respawned = Promise.withResolvers();
  }
}

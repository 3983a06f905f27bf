import type { Metrics } from "../metrics.ts";
import type { Probe } from "./probe.ts";

/** A dependency that takes longer than this counts as down. */
const PROBE_TIMEOUT_MS = 2_000;

export interface FailedProbe {
  readonly name: string;
  readonly reason: string;
  readonly needed: boolean;
}

/** Asks every probe, for readiness and at each scrape, and keeps `axial_dependency_up`. */
export class ProbeRounds {
  readonly #probes: readonly Probe[];
  readonly #metrics: Metrics;
  #round: Promise<FailedProbe[]> | undefined;

  constructor(probes: readonly Probe[], metrics: Metrics) {
    this.#probes = probes;
    this.#metrics = metrics;
  }

  /** Resolves with those that failed. */
  failed(): Promise<FailedProbe[]> {
    // Probes write: concurrent callers share one round.
    this.#round ??= this.#ask().finally(() => {
      this.#round = undefined;
    });
    return this.#round;
  }

  async #ask(): Promise<FailedProbe[]> {
    const outcomes = await Promise.all(this.#probes.map(runProbe));
    outcomes.forEach((outcome, index) => {
      const dependency = this.#probes[index]?.name ?? "";
      this.#metrics.dependencyUp.set({ dependency }, outcome === null ? 1 : 0);
    });
    return outcomes.filter((outcome) => outcome !== null);
  }
}

async function runProbe({ name, check, needed = true }: Probe): Promise<FailedProbe | null> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error("no answer in time")), PROBE_TIMEOUT_MS);
  });
  try {
    await Promise.race([check(), late]);
    return null;
  } catch (error) {
    return { name, reason: reasonOf(error), needed };
  } finally {
    clearTimeout(timer);
  }
}

/** An address that was tried over IPv6 and IPv4 fails with a code and no message. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

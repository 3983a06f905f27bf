import type { System } from "../system.ts";
import { FUZZED } from "./target.ts";

const EVERY_MS = 2_000;
/** prom-client's, with our prefix. */
const RESIDENT = /^axial_process_resident_memory_bytes(?:\{[^}]*\})? ([0-9.e+]+)$/m;

export type MemorySamples = Readonly<Record<string, readonly number[]>>;

/** Reads the resident memory of the services every two seconds. */
export class MemoryWatch {
  readonly samples: Record<string, number[]> = {};
  readonly #system: System;
  readonly #timer: NodeJS.Timeout;
  #reading: Promise<void> = Promise.resolve();

  constructor(system: System) {
    this.#system = system;
    this.#timer = setInterval(() => {
      this.#reading = this.#reading.then(() => this.#read());
    }, EVERY_MS);
  }

  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.#reading;
  }

  async #read(): Promise<void> {
    for (const service of FUZZED) {
      const answer = await fetch(`${this.#system.url[service]}/metrics`).catch(() => null);
      const bytes = RESIDENT.exec((await answer?.text()) ?? "")?.[1];
      if (bytes === undefined) continue;
      this.samples[service] = [...(this.samples[service] ?? []), Number(bytes)];
    }
  }
}

/**
 * By how much the median of a service's last quarter is above that of its second: caches and pools
 * have filled by then. 0 with too few samples to say.
 */
export function memoryGrowth(samples: MemorySamples): Record<string, number> {
  return Object.fromEntries(
    Object.entries(samples).map(([service, bytes]) => {
      const quarter = Math.floor(bytes.length / 4);
      if (quarter < 3) return [service, 0];
      return [service, median(bytes.slice(-quarter)) - median(bytes.slice(quarter, 2 * quarter))];
    }),
  );
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0;
}

import { AxialError, LANES, type Lane } from "@axial/contracts";

/** A resource that can run full. Resolves to the used share, 0..1. */
export interface Gauge {
  readonly name: string;
  read(): Promise<number>;
}

/** How full the fullest gauge may be for a lane to be admitted: STAT is admitted longest. */
const HIGH_WATER: Readonly<Record<Lane, number>> = { stat: 1, routine: 0.9, backfill: 0.8 };

/** The gauges are read again after this; the hot path reads the cached reading. */
const FRESH_MS = 1_000;

/**
 * Answers 503 before anything breaks. A gauge that cannot be read does not count as full: the disk
 * or the database then refuses by itself, and readiness reports it.
 */
export class AdmissionGate {
  readonly #gauges: readonly Gauge[];
  #reading: Promise<{ name: string; level: number }> | undefined;
  #readAt = 0;

  constructor(gauges: readonly Gauge[]) {
    this.#gauges = gauges;
  }

  /** Resolves when the lane is admitted. Rejects with `too-busy` otherwise. */
  async admit(lane: Lane, now: number = Date.now()): Promise<void> {
    if (this.#reading === undefined || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#reading = this.#readAll();
    }
    const { name, level } = await this.#reading;
    if (level < HIGH_WATER[lane]) return;
    const open = LANES.filter((other) => level < HIGH_WATER[other]);
    throw new AxialError("too-busy", {
      detail: `${name} is ${Math.round(level * 100)} % full; lanes still open: ${open.join(", ") || "none"}`,
    });
  }

  async #readAll(): Promise<{ name: string; level: number }> {
    let fullest = { name: "nothing", level: 0 };
    for (const gauge of this.#gauges) {
      const level = await gauge.read().catch(() => 0);
      if (level > fullest.level) fullest = { name: gauge.name, level };
    }
    return fullest;
  }
}

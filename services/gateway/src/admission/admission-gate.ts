import { AxialError, LANES, type Lane } from "@axial/contracts";
import type { Logger, Metrics } from "@axial/kit";

/** A resource that can run full. */
export interface Gauge {
  /** Its label in metrics. */
  readonly name: string;
  /** As senders and operators read it. */
  readonly what: string;
  /** Resolves to the used share, 0..1. */
  read(): Promise<number>;
}

interface Reading {
  readonly what: string;
  readonly level: number;
}

/** How full the fullest gauge may be for a lane to be admitted: STAT is admitted longest. */
const HIGH_WATER: Readonly<Record<Lane, number>> = {
  stat: 1,
  routine: 0.9,
  backfill: 0.8,
};
/** Operators are told from here on: days before a lane closes, at most sites. */
const WARN_FROM = 0.7;

/** The gauges are read again after this; the hot path reads the cached reading. */
const FRESH_MS = 1_000;

interface GateOptions {
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/**
 * Answers 503 before anything breaks. A gauge that cannot be read does not count as full: the disk
 * or the database then refuses by itself, and readiness reports it. Levels and open lanes are
 * metrics, read at every scrape, and each change is a log line.
 */
export class AdmissionGate {
  readonly #gauges: readonly Gauge[];
  readonly #options: GateOptions;
  #reading: Promise<Reading> | undefined;
  #readAt = 0;
  #said = "";

  constructor(gauges: readonly Gauge[], options: GateOptions) {
    this.#gauges = gauges;
    this.#options = options;
    const { metrics } = options;
    for (const lane of LANES) metrics.admissionRefused.inc({ lane }, 0);
    metrics.registry.beforeScrape(async () => void (await this.#fresh()));
  }

  /** Resolves when the lane is admitted. Rejects with `too-busy` otherwise. */
  async admit(lane: Lane, now: number = Date.now()): Promise<void> {
    const { what, level } = await this.#fresh(now);
    if (level < HIGH_WATER[lane]) return;
    this.#options.metrics.admissionRefused.inc({ lane });
    throw new AxialError("too-busy", {
      detail: `${what} is ${Math.round(level * 100)} % full; lanes still open: ${openAt(level).join(", ") || "none"}`,
    });
  }

  /** Whether the lane is admitted; one that is not counts as refused. */
  isOpen(lane: Lane): Promise<boolean> {
    return this.admit(lane).then(
      () => true,
      () => false,
    );
  }

  #fresh(now: number = Date.now()): Promise<Reading> {
    if (this.#reading === undefined || now - this.#readAt > FRESH_MS) {
      this.#readAt = now;
      this.#reading = this.#readAll();
    }
    return this.#reading;
  }

  async #readAll(): Promise<Reading> {
    const { metrics } = this.#options;
    let fullest: Reading = { what: "nothing", level: 0 };
    for (const { name, what, read } of this.#gauges) {
      const level = await read().catch(() => 0);
      metrics.admissionLevel.set({ limit: name }, level);
      if (level > fullest.level) fullest = { what, level };
    }
    const open = openAt(fullest.level);
    for (const lane of LANES) metrics.admissionOpen.set({ lane }, open.includes(lane) ? 1 : 0);
    this.#say(fullest, open);
    return fullest;
  }

  /** One line for each change of what is open, and when it begins to fill. */
  #say({ what, level }: Reading, open: readonly Lane[]): void {
    const said = level < WARN_FROM ? "" : `${what}: ${open.join(", ") || "none"}`;
    if (said === this.#said) return;
    this.#said = said;
    const facts = { limit: what, percent: Math.round(level * 100), open };
    if (said === "") this.#options.logger.info(facts, "there is room again");
    else if (open.length === LANES.length) this.#options.logger.warn(facts, "a limit is near");
    else this.#options.logger.error(facts, "lanes are closed: uploads get 503");
  }
}

function openAt(level: number): Lane[] {
  return LANES.filter((lane) => level < HIGH_WATER[lane]);
}

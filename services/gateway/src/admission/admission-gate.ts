import { AxialError, INTAKE_WARNS_FROM, LANES, type Lane, lanesOpenAt } from "@axial/contracts";
import type { Logger, Metrics, Volume } from "@axial/kit";
import type { IntakeLevel } from "@axial/store/ingest";

/** What a gauge reads. */
interface GaugeReading {
  /** The used share, 0..1 and beyond. */
  readonly level: number;
  /** The volume that it is about, where that is on this machine. */
  readonly disk?: Volume;
}

/** A resource that can run full. */
export interface Gauge {
  /** Its label in metrics. */
  readonly name: string;
  /** As senders and operators read it. */
  readonly what: string;
  read(): Promise<GaugeReading>;
}

interface Reading {
  readonly what: string;
  readonly level: number;
  /** Of every gauge that could be read. */
  readonly levels: readonly IntakeLevel[];
}

/** Where no gauge can be read. */
const NOTHING: Pick<Reading, "what" | "level"> = { what: "nothing", level: 0 };

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
    if (lanesOpenAt(level).includes(lane)) return;
    this.#options.metrics.admissionRefused.inc({ lane });
    throw new AxialError("too-busy", {
      detail: `${what} is ${Math.round(level * 100)} % full; lanes still open: ${lanesOpenAt(level).join(", ") || "none"}`,
    });
  }

  /** Whether the lane is admitted; one that is not counts as refused. */
  isOpen(lane: Lane): Promise<boolean> {
    return this.admit(lane).then(
      () => true,
      () => false,
    );
  }

  /** How full each limit is now; those that cannot be read are left out. */
  async levels(): Promise<readonly IntakeLevel[]> {
    return (await this.#fresh()).levels;
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
    const levels: IntakeLevel[] = [];
    for (const { name, what, read } of this.#gauges) {
      const reading = await read().catch(() => null);
      metrics.admissionLevel.set({ limit: name }, reading?.level ?? 0);
      if (reading === null) continue;
      levels.push({ name, what, level: reading.level, disk: reading.disk ?? null });
    }
    const { what, level } = levels.reduce((a, b) => (b.level > a.level ? b : a), NOTHING);
    const open = lanesOpenAt(level);
    for (const lane of LANES) metrics.admissionOpen.set({ lane }, open.includes(lane) ? 1 : 0);
    this.#say({ what, level }, open);
    return { what, level, levels };
  }

  /** One line for each change of what is open, and when it begins to fill. */
  #say({ what, level }: Pick<Reading, "what" | "level">, open: readonly Lane[]): void {
    const said = level < INTAKE_WARNS_FROM ? "" : `${what}: ${open.join(", ") || "none"}`;
    if (said === this.#said) return;
    this.#said = said;
    const facts = { limit: what, percent: Math.round(level * 100), open };
    if (said === "") this.#options.logger.info(facts, "there is room again");
    else if (open.length === LANES.length) this.#options.logger.warn(facts, "a limit is near");
    else this.#options.logger.error(facts, "lanes are closed: uploads get 503");
  }
}

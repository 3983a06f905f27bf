import { INFER_QUEUES, LANES, type Lane } from "@axial/contracts";
import type { Consumer, Jobs, Logger, TakenJob } from "@axial/kit";

interface LanesOptions {
  readonly served: readonly Lane[];
  /** Jobs held at once to begin with, by lane: STAT has places that nothing else can take. */
  readonly capacity: Readonly<Record<Lane, number>>;
  readonly jobs: Pick<Jobs, "consume">;
  readonly logger: Logger;
  handle(job: TakenJob): Promise<void>;
}

/** The lanes that this worker serves; their consumers are opened when an engine is first ready. */
export class Lanes {
  readonly #options: LanesOptions;
  readonly #capacity: Record<Lane, number>;
  #consumers: ReadonlyMap<Lane, Consumer> | undefined;
  #closed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
    this.#capacity = { ...options.capacity };
  }

  /** Jobs held at once in each lane except STAT, from now on. */
  hold(jobs: number): void {
    for (const lane of LANES.filter((each) => each !== "stat")) {
      this.#capacity[lane] = jobs;
      this.#consumers?.get(lane)?.limit(jobs);
    }
  }

  resume(): void {
    if (this.#closed) return;
    this.#consumers ??= this.#open();
    for (const consumer of this.#consumers.values()) consumer.resume();
  }

  /** Takes nothing until `resume`; running jobs continue. */
  pause(): void {
    for (const consumer of this.#consumers?.values() ?? []) {
      consumer.pause().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, "could not pause a consumer");
      });
    }
  }

  /** Takes nothing more. Resolves once running jobs have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...(this.#consumers?.values() ?? [])].map((consumer) => consumer.close()));
  }

  #open(): ReadonlyMap<Lane, Consumer> {
    const { served, jobs, handle } = this.#options;
    return new Map(
      served.map((lane) => [
        lane,
        jobs.consume(INFER_QUEUES[lane], { concurrency: this.#capacity[lane] }, handle),
      ]),
    );
  }
}

import { INFER_QUEUES, type Lane } from "@axial/contracts";
import type { Consumer, Jobs, Logger, TakenJob } from "@axial/kit";

export interface LanesOptions {
  readonly served: readonly Lane[];
  /** Jobs held at the same time, by lane: STAT has places that nothing else can take. */
  readonly capacity: Readonly<Record<Lane, number>>;
  readonly jobs: Pick<Jobs, "consume">;
  readonly logger: Logger;
  handle(job: TakenJob): Promise<void>;
}

/** The lanes that this worker serves; their consumers are opened when an engine is first ready. */
export class Lanes {
  readonly #options: LanesOptions;
  #consumers: readonly Consumer[] | undefined;
  #closed = false;

  constructor(options: LanesOptions) {
    this.#options = options;
  }

  resume(): void {
    if (this.#closed) return;
    this.#consumers ??= this.#open();
    for (const consumer of this.#consumers) consumer.resume();
  }

  /** Takes nothing until `resume`; running jobs continue. */
  pause(): void {
    for (const consumer of this.#consumers ?? []) {
      consumer.pause().catch((error: unknown) => {
        this.#options.logger.warn({ err: error }, "could not pause a consumer");
      });
    }
  }

  /** Takes nothing more. Resolves once running jobs have ended. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all((this.#consumers ?? []).map((consumer) => consumer.close()));
  }

  #open(): readonly Consumer[] {
    const { served, capacity, jobs, handle } = this.#options;
    return served.map((lane) =>
      jobs.consume(INFER_QUEUES[lane], { concurrency: capacity[lane] }, handle),
    );
  }
}

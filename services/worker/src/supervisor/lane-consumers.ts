import type { Lane } from "@axial/contracts";
import type { Logger, Queues, TakenJob } from "@axial/kit";
import { LaneConsumer } from "./lane-consumer.ts";

const WATCH_EVERY_MS = 1_000;

export interface LaneConsumersOptions {
  readonly served: readonly Lane[];
  /** Jobs held at the same time, by lane: STAT has places that nothing else can take. */
  readonly capacity: Readonly<Record<Lane, number>>;
  readonly queues: Queues;
  readonly logger: Logger;
  handle(job: TakenJob): Promise<void>;
}

/** The consumers of the lane queues that this worker serves; opened when an engine is first ready. */
export class LaneConsumers {
  readonly #options: LaneConsumersOptions;
  #lanes: LaneConsumer[] | undefined;
  #watch: NodeJS.Timeout | undefined;
  #closed = false;

  constructor(options: LaneConsumersOptions) {
    this.#options = options;
  }

  resume(): void {
    if (this.#closed) return;
    this.#lanes ??= this.#open();
    for (const lane of this.#lanes) lane.resume();
  }

  /** Takes nothing until `resume`; what runs goes on. */
  pause(): void {
    for (const lane of this.#lanes ?? []) void lane.pause().catch((error) => this.#warn(error));
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#watch);
    await Promise.all((this.#lanes ?? []).map((lane) => lane.close()));
  }

  #open(): LaneConsumer[] {
    const { served, capacity, queues, logger, handle } = this.#options;
    const lanes = served.map(
      (lane) => new LaneConsumer({ lane, concurrency: capacity[lane], queues, logger, handle }),
    );
    this.#watch = setInterval(() => {
      // The queue's own outage log tells of a queue that is down.
      for (const lane of lanes) lane.watch().catch(() => {});
    }, WATCH_EVERY_MS);
    return lanes;
  }

  #warn(error: unknown): void {
    this.#options.logger.warn({ err: error }, "could not pause a consumer");
  }
}

import { setTimeout as delay } from "node:timers/promises";
import { AXIAL_VERSION, type Lane, type WorkerMessage } from "@axial/contracts";
import type { Logger } from "@axial/kit";
import type { EngineState } from "./engine-state.ts";
import type { ResultSender } from "./result-sender.ts";

/** The dispatcher forgets a worker that it has not heard of for several times this long. */
const ANNOUNCE_EVERY_MS = 3_000;
/** Not worth waiting longer: the dispatcher forgets this worker by itself. */
const GOOD_BYE_WITHIN_MS = 1_000;
/** As many as fit into a queue payload. */
const MAX_MODELS = 10;

interface AnnouncerOptions {
  readonly worker: string;
  readonly pool: string;
  /** Jobs per lane when an engine serves. */
  readonly capacity: number;
  readonly lanes: readonly Lane[];
  readonly sender: Pick<ResultSender, "send">;
  readonly logger: Logger;
  state(): EngineState;
  /** Tasks of each lane that it holds. */
  held(): NonNullable<WorkerMessage["held"]>;
}

/** Announces this worker: capacity, lanes, models, provider, and what it holds. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  readonly #timer: NodeJS.Timeout;
  #sending = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
    this.#timer = setInterval(() => this.announce(), ANNOUNCE_EVERY_MS);
  }

  /** Announces now; skipped while an earlier announcement is still on its way. */
  announce(): void {
    if (this.#sending) return;
    this.#sending = true;
    this.#options.sender
      .send(this.#message(this.#options.state()))
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, "could not announce"))
      .finally(() => {
        this.#sending = false;
      });
  }

  /**
   * Announces a capacity of zero, so that the dispatcher stops counting on this worker at once; a
   * queue that is down does not delay the shutdown.
   */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    const said = this.#options.sender
      .send(this.#message({ status: "starting" }))
      .catch((error: unknown) => this.#options.logger.warn({ err: error }, "no good-bye"));
    await Promise.race([said, delay(GOOD_BYE_WITHIN_MS, undefined, { ref: false })]);
  }

  #message(state: EngineState): WorkerMessage {
    const models = state.status === "ready" ? state.models : [];
    return {
      kind: "worker",
      worker: this.#options.worker,
      capacity: state.status === "ready" ? this.#options.capacity : 0,
      lanes: [...this.#options.lanes],
      models: [...new Set(models.map(({ id }) => id))].slice(0, MAX_MODELS),
      provider: models[0]?.provider ?? "none",
      pool: this.#options.pool,
      version: AXIAL_VERSION,
      held: this.#options.held(),
      at: Date.now(),
    };
  }
}

import { type Logger, OutageLog, type Queues } from "@axial/kit";

/** Pauses between looks double from the first to the last. */
const FIRST_PAUSE_MS = 500;
/** Shorter than what an outage's log takes for its end. */
const LAST_PAUSE_MS = 15_000;

/**
 * Whether the queue is worth dispatching to. While it refuses writes (a replica, a full Redis) or is
 * away, nothing is taken from the backlog: it is asked ever more rarely by itself, and an outage is
 * one log line.
 */
export class QueuePatience {
  readonly #queues: Pick<Queues, "ping">;
  readonly #outage: OutageLog;
  #pauseMs = 0;
  #askAt = 0;

  constructor(queues: Pick<Queues, "ping">, logger: Logger) {
    this.#queues = queues;
    this.#outage = new OutageLog(logger, "queue");
  }

  /** Resolves with true when jobs may be added. */
  async isOpen(now: number = performance.now()): Promise<boolean> {
    if (this.#pauseMs === 0) return true;
    if (now < this.#askAt) return false;
    try {
      await this.#queues.ping();
    } catch (error) {
      this.failed(error, now);
      return false;
    }
    this.#pauseMs = 0;
    this.#outage.worked();
    return true;
  }

  /** Jobs could not be added, or the queue still refuses. */
  failed(error: unknown, now: number = performance.now()): void {
    this.#outage.failed(error);
    this.#pauseMs =
      this.#pauseMs === 0 ? FIRST_PAUSE_MS : Math.min(2 * this.#pauseMs, LAST_PAUSE_MS);
    this.#askAt = now + this.#pauseMs;
  }
}

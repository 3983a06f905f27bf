import { LANES, type Lane } from "@axial/contracts";

/** How a started task reports its progress. */
export interface Ticket {
  /** Reports the number of its images. */
  sized(images: number): void;
  /** All its images are prepared, or none will be: another task may begin. Idle when repeated. */
  prepared(): void;
  ended(): void;
}

/** A task that wants to begin. */
export interface WaitingTask {
  readonly lane: Lane;
  readonly isolate: boolean;
  start(ticket: Ticket): void;
  /** It will not begin: the engine is being drained. */
  turnAway(): void;
}

/** The estimate for a task whose input is not yet read is a moving average with this weight. */
const MEMORY = 0.9;

/**
 * Which tasks the engine works on: as many as keep decoding busy and no more, because whatever it
 * works on when it dies fails with it; in lane order, STAT at once. A task that was in an engine
 * when it died runs while nothing else does, so that a second crash identifies it and its
 * neighbours do not suffer again.
 */
export class StartQueue {
  readonly #waiting: Record<Lane, WaitingTask[]> = { stat: [], routine: [], backfill: [] };
  readonly #limit: number;
  /** Images that started tasks have still to prepare, reported or estimated. */
  #unprepared = 0;
  #guess = 1;
  #working = 0;
  #alone = false;
  #closed = false;

  /** `limit`: no task begins while the ones before have so many images to be prepared. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `start` when the task may begin. */
  request(task: WaitingTask): void {
    if (this.#closed) {
      task.turnAway();
      return;
    }
    this.#waiting[task.lane].push(task);
    this.#startNext();
  }

  /** True when the task had not begun, and will not. */
  leave(task: WaitingTask): boolean {
    const waiting = this.#waiting[task.lane];
    const place = waiting.indexOf(task);
    if (place === -1) return false;
    waiting.splice(place, 1);
    // It may have been in the way of others.
    this.#startNext();
    return true;
  }

  /** Rejects waiting and future tasks. */
  close(): void {
    this.#closed = true;
    for (const lane of LANES) {
      for (const task of this.#waiting[lane].splice(0)) task.turnAway();
    }
  }

  #startNext(): void {
    for (;;) {
      const lane = LANES.find((candidate) => this.#waiting[candidate].length > 0);
      const next = lane && this.#waiting[lane][0];
      if (!next || !this.#mayBegin(lane, next.isolate)) return;
      this.#waiting[lane].shift();
      this.#working++;
      this.#alone = next.isolate;
      next.start(this.#ticket());
    }
  }

  #mayBegin(lane: Lane, isolate: boolean): boolean {
    if (this.#alone) return false;
    if (isolate) return this.#working === 0;
    return lane === "stat" || this.#unprepared < this.#limit;
  }

  #ticket(): Ticket {
    let images = this.#guess;
    this.#unprepared += images;
    return {
      sized: (actual) => {
        this.#guess = MEMORY * this.#guess + (1 - MEMORY) * actual;
        this.#unprepared += actual - images;
        images = actual;
      },
      prepared: () => {
        this.#unprepared -= images;
        images = 0;
        this.#startNext();
      },
      ended: () => {
        this.#working--;
        this.#alone = false;
        this.#startNext();
      },
    };
  }
}

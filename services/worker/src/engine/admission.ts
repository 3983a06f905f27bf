import { LANES, type Lane } from "@axial/contracts";

/** A task that wants to begin. */
export interface Applicant {
  readonly lane: Lane;
  readonly isolate: boolean;
  start(): void;
  /** It will not begin: the engine is being drained. */
  turnAway(): void;
}

/**
 * Which tasks the engine works on: as many as keep decoding busy, in lane order. A task that was
 * in an engine when it died runs while nothing else does, so that a second death convicts it and
 * its neighbours do not pay for it again.
 */
export class Admission {
  readonly #waiting: Record<Lane, Applicant[]> = { stat: [], routine: [], backfill: [] };
  readonly #limit: number;
  #working = 0;
  #alone = false;
  #hungry = 0;
  #closed = false;

  /** `limit`: tasks that may be worked on before their slices are all prepared. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Calls `start` when the task may begin. */
  request(applicant: Applicant): void {
    if (this.#closed) {
      applicant.turnAway();
      return;
    }
    this.#waiting[applicant.lane].push(applicant);
    this.#admit();
  }

  /** The slices of a task that began are all prepared: another may begin. */
  prepared(): void {
    this.#hungry--;
    this.#admit();
  }

  /** A task that began has ended. */
  ended(): void {
    this.#working--;
    this.#alone = false;
    this.#admit();
  }

  /** Turns away what has not begun and what still comes. */
  close(): void {
    this.#closed = true;
    for (const lane of LANES) {
      for (const applicant of this.#waiting[lane].splice(0)) applicant.turnAway();
    }
  }

  #admit(): void {
    for (;;) {
      const lane = LANES.find((candidate) => this.#waiting[candidate].length > 0);
      const next = lane && this.#waiting[lane][0];
      if (!next || !this.#mayBegin(lane, next.isolate)) return;
      this.#waiting[lane].shift();
      this.#working++;
      this.#hungry++;
      this.#alone = next.isolate;
      next.start();
    }
  }

  #mayBegin(lane: Lane, isolate: boolean): boolean {
    if (this.#alone) return false;
    if (isolate) return this.#working === 0;
    return lane === "stat" || this.#hungry < this.#limit;
  }
}

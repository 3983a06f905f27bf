import { AxialError, type StudyId } from "@axial/contracts";

/** A study whose planning failed is tried again after this; the others go on meanwhile. */
const POSTPONE_MS = 5_000;
/** What has failed for so long by a fault of ours is refused: the next try would fail too. */
export const GIVE_UP_AFTER_MS = 3_600_000;
/** A study whose last failure is so long ago was planned, by whomever. */
const FORGET_AFTER_MS = 60_000;

interface Trouble {
  readonly since: number;
  until: number;
}

/** Studies that could not be planned, since when, and until when they are left alone. */
export class PlanningTroubles {
  readonly #troubles = new Map<StudyId, Trouble>();

  /** Postpones the study; true when it is time to give it up. What passes by itself is waited for. */
  add(study: StudyId, error: unknown, now: number = Date.now()): boolean {
    const passes = error instanceof AxialError && error.retryable;
    const since = passes ? now : (this.#troubles.get(study)?.since ?? now);
    this.#troubles.set(study, { since, until: now + POSTPONE_MS });
    return now - since >= GIVE_UP_AFTER_MS;
  }

  /** Those that are not tried now. */
  postponed(now: number = Date.now()): StudyId[] {
    for (const [study, { until }] of this.#troubles) {
      if (until < now - FORGET_AFTER_MS) this.#troubles.delete(study);
    }
    return [...this.#troubles].flatMap(([study, { until }]) => (until < now ? [] : [study]));
  }
}

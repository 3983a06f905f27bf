import { AxialError, type StudyId } from "@axial/contracts";

/** A study whose planning failed is retried after this; others continue meanwhile. */
const POSTPONE_MS = 5_000;
/**
 * A study that has failed for this long through a bug of ours is refused: another try would fail
 * too.
 */
export const GIVE_UP_AFTER_MS = 3_600_000;
/** A study whose last failure is this long ago has been planned, here or elsewhere. */
const FORGET_AFTER_MS = 60_000;

interface Trouble {
  readonly since: number;
  until: number;
}

/** Studies that could not be planned, since when, and until when they are skipped. */
export class PlanningTroubles {
  readonly #troubles = new Map<StudyId, Trouble>();

  /** Postpones the study. Returns true when it is time to give up; transient faults never are. */
  add(study: StudyId, error: unknown, now: number = Date.now()): boolean {
    const passes = error instanceof AxialError && error.retryable;
    const since = passes ? now : (this.#troubles.get(study)?.since ?? now);
    this.#troubles.set(study, { since, until: now + POSTPONE_MS });
    return now - since >= GIVE_UP_AFTER_MS;
  }

  /** Studies to skip now. */
  postponed(now: number = Date.now()): StudyId[] {
    for (const [study, { until }] of this.#troubles) {
      if (until < now - FORGET_AFTER_MS) this.#troubles.delete(study);
    }
    return [...this.#troubles].flatMap(([study, { until }]) => (until < now ? [] : [study]));
  }
}

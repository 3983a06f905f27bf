import type { Lane } from "@axial/contracts";

/** One slot in this many is kept for STAT slices, so that they never wait for a batch to end. */
const STAT_SHARE = 4;

/** Slots of an arena in which a routine task can hold `images` at once beside the reserve. */
export function slotsFor(images: number): number {
  return Math.ceil((images * STAT_SHARE) / (STAT_SHARE - 1));
}

/** The free places of a model's arena. */
export class Slots {
  readonly #free: number[];
  readonly #reserved: number;

  constructor(count: number) {
    this.#free = Array.from({ length: count }, (_, index) => count - 1 - index);
    this.#reserved = Math.floor(count / STAT_SHARE);
  }

  /** How many slots a slice of `lane` may take now. */
  available(lane: Lane): number {
    return Math.max(0, this.#free.length - (lane === "stat" ? 0 : this.#reserved));
  }

  take(count: number): number[] {
    if (count > this.#free.length) throw new RangeError("no free slot");
    return this.#free.splice(this.#free.length - count);
  }

  give(slots: Iterable<number>): void {
    this.#free.push(...slots);
  }
}

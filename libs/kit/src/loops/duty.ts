/** Limits work whose cost grows with the data to a share of the time. */
export class Duty {
  readonly #share: number;
  #restsUntil = 0;

  constructor(share: number) {
    this.#share = share;
  }

  /** Runs the work, or returns undefined while it rests from the last time. */
  async run<Outcome>(work: () => Promise<Outcome>): Promise<Outcome | undefined> {
    const began = performance.now();
    if (began < this.#restsUntil) return undefined;
    try {
      return await work();
    } finally {
      const ended = performance.now();
      this.#restsUntil = ended + (ended - began) / this.#share;
    }
  }
}

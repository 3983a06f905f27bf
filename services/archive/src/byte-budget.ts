interface Waiter {
  readonly tenant: string;
  readonly bytes: number;
  readonly start: () => void;
}

/**
 * Limits the bytes in memory at one time, and each tenant to half of them. Requests beyond that
 * wait, first come first served; a tenant that has its half lets others pass.
 */
export class ByteBudget {
  readonly #limit: number;
  readonly #waiting: Waiter[] = [];
  readonly #heldBy = new Map<string, number>();
  #held = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /**
   * Resolves once `bytes` fit, with a function that releases them. More than the limit waits to be
   * alone.
   */
  async take(tenant: string, bytes: number): Promise<() => void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.push({ tenant, bytes, start: resolve });
    this.#startNext();
    await promise;
    let given = false;
    return () => {
      if (given) return;
      given = true;
      this.#add(tenant, -bytes);
      this.#startNext();
    };
  }

  #add(tenant: string, bytes: number): void {
    this.#held += bytes;
    const held = (this.#heldBy.get(tenant) ?? 0) + bytes;
    if (held === 0) this.#heldBy.delete(tenant);
    else this.#heldBy.set(tenant, held);
  }

  #startNext(): void {
    for (;;) {
      const next = this.#waiting.findIndex((waiter) => this.#isWithinShare(waiter));
      const waiter = this.#waiting[next];
      if (waiter === undefined || !fits(this.#held, waiter.bytes, this.#limit)) return;
      this.#waiting.splice(next, 1);
      this.#add(waiter.tenant, waiter.bytes);
      waiter.start();
    }
  }

  #isWithinShare({ tenant, bytes }: Waiter): boolean {
    return fits(this.#heldBy.get(tenant) ?? 0, bytes, this.#limit / 2);
  }
}

function fits(held: number, bytes: number, limit: number): boolean {
  return held === 0 || held + bytes <= limit;
}

import { AxialError } from "@axial/contracts";

/** Counts open event streams, in all and of each tenant. */
export class StreamPlaces {
  readonly #inAll: number;
  readonly #taken = new Map<string, number>();
  #open = 0;

  constructor(inAll: number) {
    this.#inAll = inAll;
  }

  /**
   * Reserves a place for a stream of `tenant`, which may have `quota` of them, or any number.
   * Returns a function that frees it. Throws `rate-limited` beyond the quota, `too-busy` when no
   * place is left.
   */
  take(tenant: string, quota: number | null): () => void {
    const own = this.#taken.get(tenant) ?? 0;
    if (quota !== null && own >= quota) {
      const detail = `${quota} event streams of the tenant are open`;
      throw new AxialError("rate-limited", { detail });
    }
    if (this.#open >= this.#inAll) {
      throw new AxialError("too-busy", { detail: `${this.#inAll} event streams are open` });
    }
    this.#open += 1;
    this.#taken.set(tenant, own + 1);
    let held = true;
    return () => {
      if (held) this.#give(tenant);
      held = false;
    };
  }

  #give(tenant: string): void {
    this.#open -= 1;
    const left = (this.#taken.get(tenant) ?? 1) - 1;
    if (left === 0) this.#taken.delete(tenant);
    else this.#taken.set(tenant, left);
  }
}

import { AxialError } from "@axial/contracts";

interface StreamLimits {
  readonly inAll: number;
  readonly each: number;
}

/** Counts open event streams, in all and of each tenant. */
export class StreamPlaces {
  readonly #limits: StreamLimits;
  readonly #taken = new Map<string, number>();
  #open = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /**
   * Reserves a place for a stream of `tenant`. Returns a function that frees it. Throws `too-busy`.
   */
  take(tenant: string): () => void {
    const { inAll, each } = this.#limits;
    const own = this.#taken.get(tenant) ?? 0;
    if (own >= each) throw tooBusy(`${each} event streams of the tenant are open`);
    if (this.#open >= inAll) throw tooBusy(`${inAll} event streams are open`);
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

function tooBusy(detail: string): AxialError {
  return new AxialError("too-busy", { detail });
}

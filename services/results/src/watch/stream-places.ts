import { AxialError } from "@axial/contracts";

interface StreamLimits {
  readonly inAll: number;
  readonly perKey: number;
}

/** Counts open event streams, in all and of each key. */
export class StreamPlaces {
  readonly #limits: StreamLimits;
  readonly #taken = new Map<string, number>();
  #open = 0;

  constructor(limits: StreamLimits) {
    this.#limits = limits;
  }

  /**
   * Reserves a place for a stream of `key`. Returns a function that frees it. Throws `too-busy`.
   */
  take(key: string): () => void {
    const { inAll, perKey } = this.#limits;
    const own = this.#taken.get(key) ?? 0;
    if (own >= perKey) throw tooBusy(`${perKey} event streams of this key are open`);
    if (this.#open >= inAll) throw tooBusy(`${inAll} event streams are open`);
    this.#open += 1;
    this.#taken.set(key, own + 1);
    let held = true;
    return () => {
      if (held) this.#give(key);
      held = false;
    };
  }

  #give(key: string): void {
    this.#open -= 1;
    const left = (this.#taken.get(key) ?? 1) - 1;
    if (left === 0) this.#taken.delete(key);
    else this.#taken.set(key, left);
  }
}

function tooBusy(detail: string): AxialError {
  return new AxialError("too-busy", { detail });
}

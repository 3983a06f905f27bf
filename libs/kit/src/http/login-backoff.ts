import { normalizeIP } from "@fastify/rate-limit";

/** A caller with a wrong setting tries a few times. */
const FREE_FAILURES = 10;
/** The first pause; it doubles with each failure after it. */
const FIRST_PAUSE_SECONDS = 1;
const LONGEST_PAUSE_SECONDS = 900;
/** Addresses that are turned away at one time; beyond it the oldest are let in again. */
const MAX_TURNED_AWAY = 10_000;

/**
 * Counts wrong keys from an address, for all processes; resolves with how many there were lately,
 * this one included.
 */
type CountFailure = (address: string) => Promise<number>;

/**
 * Turns an address away that has sent wrong keys one after another: for a second after the tenth,
 * and for twice as long after each that follows, up to a quarter of an hour. IPv6 addresses of one
 * /64 are one sender.
 */
export class LoginBackoff {
  readonly #count: CountFailure;
  readonly #until = new Map<string, number>();

  constructor(count: CountFailure) {
    this.#count = count;
  }

  /** Seconds for which the address is still turned away; 0 for an address that may try. */
  wait(address: string, now: number = Date.now()): number {
    if (this.#until.size === 0) return 0;
    const until = this.#until.get(normalizeIP(address));
    return until === undefined ? 0 : Math.max(0, Math.ceil((until - now) / 1_000));
  }

  /** Notes a failure; resolves with the seconds for which the address is turned away now. */
  async failed(address: string): Promise<number> {
    const sender = normalizeIP(address);
    const pause = pauseAfter(await this.#count(sender));
    if (pause === 0) return 0;
    this.#until.delete(sender);
    this.#until.set(sender, Date.now() + pause * 1_000);
    if (this.#until.size > MAX_TURNED_AWAY) this.#forgetOldest();
    return pause;
  }

  #forgetOldest(): void {
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      return;
    }
  }
}

function pauseAfter(failures: number): number {
  if (failures <= FREE_FAILURES) return 0;
  return Math.min(LONGEST_PAUSE_SECONDS, FIRST_PAUSE_SECONDS * 2 ** (failures - FREE_FAILURES - 1));
}

import { setTimeout as delay } from "node:timers/promises";
import { ApiError } from "@axial/client";

/** Of a restarting gateway, of a proxy without one, of a server that is full or busy. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);
/** Tries of a request that the server answers with an internal error. */
const INTERNAL_TRIES = 4;
const FIRST_WAIT_MS = 250;
const LONGEST_WAIT_MS = 30_000;

interface PatienceOptions {
  /** How long the server may be away, from the first request that fails on. */
  readonly forMs: number;
  /** Told once per outage. */
  readonly onOutage: (reason: string) => void;
  readonly onRecovery: () => void;
  readonly clock?: Clock;
}

/** Milliseconds since some moment, and a pause. */
interface Clock {
  now(): number;
  pause(ms: number): Promise<unknown>;
}

const MACHINE: Clock = { now: () => performance.now(), pause: (ms) => delay(ms) };

/**
 * Repeats requests that fail in a passing way, for a whole transfer: waits as long as
 * the server says (Retry-After), or ever longer up to half a minute, and gives up when nothing has
 * succeeded for `forMs`.
 */
export class Patience {
  readonly #options: PatienceOptions;
  readonly #clock: Clock;
  #awaySince: number | null = null;

  constructor(options: PatienceOptions) {
    this.#options = options;
    this.#clock = options.clock ?? MACHINE;
  }

  /** Resolves with what `act` resolves with at last. Rejects with an error that will not pass. */
  async run<T>(act: () => Promise<T>): Promise<T> {
    for (let tries = 1; ; tries += 1) {
      try {
        const result = await act();
        this.#succeeded();
        return result;
      } catch (error) {
        if (!isPassing(error, tries)) throw error;
        this.#failed(error);
        await this.#clock.pause(waitMs(error, tries));
      }
    }
  }

  #succeeded(): void {
    if (this.#awaySince === null) return;
    this.#awaySince = null;
    this.#options.onRecovery();
  }

  #failed(error: unknown): void {
    if (this.#awaySince === null) {
      this.#awaySince = this.#clock.now();
      this.#options.onOutage(reasonOf(error));
    }
    if (this.#clock.now() - this.#awaySince > this.#options.forMs) throw error;
  }
}

export const DEFAULT_PATIENCE_SECONDS = 3_600;

interface Telling {
  readonly seconds: number | undefined;
  /** Called with a line when an outage begins, and when it ends. */
  say(line: string): void;
}

/** Patience with the server that `name` names. */
export function patienceWith(
  name: string,
  { seconds = DEFAULT_PATIENCE_SECONDS, say }: Telling,
): Patience {
  return new Patience({
    forMs: seconds * 1_000,
    onOutage: (reason) => say(`${name}: ${reason}; trying again`),
    onRecovery: () => say(`${name} answers again`),
  });
}

/** Whether trying again may help: the connection broke, or the server said to come back. */
export function isPassing(error: unknown, tries = 1): boolean {
  if (error instanceof ApiError) {
    return PASSING.has(error.status) || (error.status >= 500 && tries < INTERNAL_TRIES);
  }
  // What fetch throws when a connection fails or breaks.
  return error instanceof TypeError;
}

/** Why, in a sentence: fetch hides the system's error in its cause. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { cause } = error;
  return error instanceof TypeError && cause instanceof Error ? cause.message : error.message;
}

function waitMs(error: unknown, tries: number): number {
  const told = error instanceof ApiError ? error.retryAfterMs : null;
  if (told !== null) return told + Math.random() * FIRST_WAIT_MS;
  const longest = Math.min(FIRST_WAIT_MS * 2 ** (tries - 1), LONGEST_WAIT_MS);
  return longest * (0.5 + Math.random() / 2);
}

import {
  ARTIM_TIMEOUT_MS,
  BEHIND_TIMEOUT_MS,
  IDLE_TIMEOUT_MS,
  MIN_BYTES_PER_IDLE_TIMEOUT,
} from "../limits.ts";

/** How long a peer may take. */
export interface PeerTimes {
  /** Milliseconds until the first PDU, and from our last one until the peer closes (ARTIM, PS3.8 9.1.5). */
  readonly artimMs: number;
  /** Milliseconds between two messages, or for `minBytes` of one, in either direction. */
  readonly idleMs: number;
  readonly minBytes: number;
  /** Milliseconds for which we may keep the peer waiting. */
  readonly behindMs: number;
}

export const PEER_TIMES: PeerTimes = {
  artimMs: ARTIM_TIMEOUT_MS,
  idleMs: IDLE_TIMEOUT_MS,
  minBytes: MIN_BYTES_PER_IDLE_TIMEOUT,
  behindMs: BEHIND_TIMEOUT_MS,
};

interface ClockEvents {
  /** Bytes that are written and have not left. */
  unsent(): number;
  expired(message: string): void;
}

/** Whose turn it is: to open or close the connection, to send, ours. */
const WAITS = {
  connection: { limit: "artimMs", message: "the peer did not open or close in time" },
  peer: { limit: "idleMs", message: "the peer is silent, or too slow" },
  us: { limit: "behindMs", message: "an operation took too long" },
} as const;

/** Ticks in the shorter of the peer's limits. */
const TICKS = 10;

/**
 * Watches that a peer does its part: a whole message, or enough bytes of one, within the idle time.
 * It counts ticks of a timer, not time, so that a process that stood still blames no peer.
 */
export class PeerClock {
  readonly #times: PeerTimes;
  readonly #events: ClockEvents;
  readonly #tickMs: number;
  readonly #timer: NodeJS.Timeout;
  #wait: (typeof WAITS)[keyof typeof WAITS] = WAITS.connection;
  #ticks = 0;
  #bytes = 0;
  #unsent = 0;

  constructor(times: PeerTimes, events: ClockEvents) {
    this.#times = times;
    this.#events = events;
    this.#tickMs = Math.min(times.artimMs, times.idleMs) / TICKS;
    this.#timer = setInterval(() => this.#tick(), this.#tickMs);
  }

  /** Starts the time anew: the peer has done something whole, or it is another's turn. */
  waitFor(whom: keyof typeof WAITS): void {
    this.#wait = WAITS[whom];
    this.#ticks = 0;
    this.#bytes = 0;
  }

  /** Bytes of a message, either way. */
  moved(bytes: number): void {
    this.#bytes += bytes;
    if (this.#wait === WAITS.peer && this.#bytes >= this.#times.minBytes) this.waitFor("peer");
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    this.#watchSending();
    this.#ticks += 1;
    if (this.#ticks * this.#tickMs < this.#times[this.#wait.limit]) return;
    this.stop();
    this.#events.expired(this.#wait.message);
  }

  /** What we send may take the peer as long as what it sends. */
  #watchSending(): void {
    const unsent = this.#events.unsent();
    if (unsent === 0 && this.#unsent > 0 && this.#wait === WAITS.peer) this.waitFor("peer");
    else this.moved(Math.max(0, this.#unsent - unsent));
    this.#unsent = unsent;
  }
}

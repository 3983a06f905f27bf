import type { Message, NewMessage } from "./stream-messages.ts";

/**
 * Waiting readers and consumers are woken; this is how long a lost wake-up goes unnoticed, and so
 * how long a waiting connection may be silent.
 */
export const LOOK_EVERY_MS = 3_000;

/** The lease on an entry: without renewal another reader gets it after this. */
export const LEASE_MS = 6_000;

/** A message as its backend keeps it. */
export interface Entry extends Message {
  /** Where it is kept. */
  readonly place: Place;
}

export interface Place {
  /** Goes ahead of the others. */
  readonly first: boolean;
  /** The backend's own name of it, in the order of arrival. */
  readonly position: string;
}

/** Streams of messages in one backend. A message stays until a reader settles it. */
export interface StreamBackend {
  append(stream: string, messages: readonly NewMessage[]): Promise<void>;
  /** Opens what one process reads with; it connects when first used. */
  reader(stream: string): StreamReader;
  /** Ids of unsettled messages. */
  unsettled(stream: string): Promise<ReadonlySet<string>>;
  /** Rejects with a reason when the backend does not answer, or does not take writes. */
  ping(): Promise<void>;
  /** Null for a backend that is not kept in memory. */
  memory(): Promise<QueueMemory | null>;
  close(): Promise<void>;
}

/** What a queue in memory uses, and what happens when it is full. */
export interface QueueMemory {
  readonly usedBytes: number;
  /** 0 for none. */
  readonly limitBytes: number;
  /** Redis' maxmemory-policy. */
  readonly policy: string;
  /** Under memory pressure keys are dropped: jobs would vanish. */
  readonly evicts: boolean;
}

/** One process' hold on a stream; every method rejects while the backend is away. */
export interface StreamReader {
  /**
   * Takes about `limit` entries that are free, or whose lease has expired, `first` ones at the
   * front. Waits up to `LOOK_EVERY_MS` for the first, and resolves with none then.
   */
  take(limit: number): Promise<Entry[]>;
  /** Holds them for another `LEASE_MS`. */
  renew(places: readonly Place[]): Promise<void>;
  /** Removes them for good. */
  settle(places: readonly Place[]): Promise<void>;
  /** Ends a waiting `take`, which then resolves with none or rejects. */
  close(): Promise<void>;
}

import type { Cluster, Redis } from "ioredis";
import { demandWrites, readMemory } from "./redis-health.ts";
import {
  type Entry,
  LEASE_MS,
  LOOK_EVERY_MS,
  type Place,
  type QueueMemory,
  type StreamBackend,
  type StreamReader,
} from "./stream-backend.ts";
import type { NewMessage } from "./stream-messages.ts";

type RedisConnection = Redis | Cluster;

/** All readers of a stream are one consumer group: each entry goes to one of them. */
const GROUP = "readers";
const FIELD_ID = "id";
const FIELD_DATA = "data";
/** Entries looked at by one command. */
const PAGE = 1_000;
/** How often a reader asks for what a lost reader held. */
const CLAIM_EVERY_MS = 2_000;
/** A reader that has held nothing and been silent for this long has died: its name is deleted. */
const FORGET_READER_MS = 3_600_000;

interface RedisStreamsOptions {
  /** Fails fast; shared with the queue's producers. */
  readonly connection: RedisConnection;
  /** Opens a connection on which a command may wait. */
  readonly connectWaiting: () => RedisConnection;
  readonly prefix: string;
}

/** Redis Streams: two keys a stream, one of them for what goes first. */
export class RedisStreams implements StreamBackend {
  readonly #options: RedisStreamsOptions;

  constructor(options: RedisStreamsOptions) {
    this.#options = options;
  }

  async append(stream: string, messages: readonly NewMessage[]): Promise<void> {
    const pipeline = this.#options.connection.pipeline();
    for (const { id, data, first = false } of messages) {
      const key = keyOf(this.#options.prefix, stream, first);
      pipeline.xadd(key, "*", FIELD_ID, id, FIELD_DATA, JSON.stringify(data));
    }
    throwFirst(await pipeline.exec());
  }

  reader(stream: string): StreamReader {
    return new RedisReader(stream, this.#options);
  }

  async unsettled(stream: string): Promise<ReadonlySet<string>> {
    const ids = new Set<string>();
    for (const first of [true, false]) {
      for await (const { id } of this.#entries(keyOf(this.#options.prefix, stream, first))) {
        ids.add(id);
      }
    }
    return ids;
  }

  ping(): Promise<void> {
    return demandWrites(this.#options.connection, this.#options.prefix);
  }

  memory(): Promise<QueueMemory> {
    return readMemory(this.#options.connection);
  }

  async close(): Promise<void> {}

  /** In pages, so that no command blocks others for long. */
  async *#entries(key: string): AsyncGenerator<{ readonly id: string }> {
    for (let from = "-"; ; ) {
      const page = await this.#options.connection.xrange(key, from, "+", "COUNT", PAGE);
      for (const [, fields] of page) yield { id: parse(fields).id };
      const last = page.at(-1);
      if (last === undefined || page.length < PAGE) return;
      from = `(${last[0]}`;
    }
  }
}

class RedisReader implements StreamReader {
  readonly #name = crypto.randomUUID();
  readonly #connection: RedisConnection;
  readonly #waiting: RedisConnection;
  /** By what goes first. */
  readonly #keys: readonly string[];
  #hasGroups = false;
  /** How far the last claim looked, by key. */
  #looked: string[] = [];
  #claimedAt = Number.NEGATIVE_INFINITY;

  constructor(stream: string, options: RedisStreamsOptions) {
    this.#connection = options.connection;
    this.#waiting = options.connectWaiting();
    this.#keys = [true, false].map((first) => keyOf(options.prefix, stream, first));
  }

  async take(limit: number): Promise<Entry[]> {
    try {
      if (!this.#hasGroups) await this.#makeGroups();
      const claimed = await this.#claim(limit);
      return claimed.length > 0 ? claimed : await this.#takeNew(limit);
    } catch (error) {
      // Redis was flushed, or a replica took over that did not have them yet.
      if (isWithoutGroup(error)) this.#hasGroups = false;
      throw error;
    }
  }

  async renew(places: readonly Place[]): Promise<void> {
    const pipeline = this.#connection.pipeline();
    for (const [key, positions] of this.#byKey(places)) {
      pipeline.xclaim(key, GROUP, this.#name, 0, ...positions, "JUSTID");
    }
    throwFirst(await pipeline.exec());
  }

  async settle(places: readonly Place[]): Promise<void> {
    const pipeline = this.#connection.pipeline();
    for (const [key, positions] of this.#byKey(places)) {
      pipeline.xack(key, GROUP, ...positions);
      pipeline.xdel(key, ...positions);
    }
    throwFirst(await pipeline.exec());
  }

  async close(): Promise<void> {
    this.#waiting.disconnect();
  }

  async #takeNew(limit: number): Promise<Entry[]> {
    const from = this.#keys.map(() => ">");
    const found = (await this.#waiting.xreadgroup(
      "GROUP",
      GROUP,
      this.#name,
      "COUNT",
      limit,
      "BLOCK",
      LOOK_EVERY_MS,
      "STREAMS",
      ...this.#keys,
      ...from,
    )) as [key: string, entries: RawEntry[]][] | null;
    return (found ?? []).flatMap(([key, entries]) => this.#entriesOf(key, entries));
  }

  /** What a reader held that has been silent for too long. */
  async #claim(limit: number): Promise<Entry[]> {
    if (performance.now() - this.#claimedAt < CLAIM_EVERY_MS) return [];
    this.#claimedAt = performance.now();
    const claimed: Entry[] = [];
    for (const [index, key] of this.#keys.entries()) {
      const [looked, entries] = (await this.#connection.xautoclaim(
        key,
        GROUP,
        this.#name,
        LEASE_MS,
        this.#looked[index] ?? "0-0",
        "COUNT",
        limit,
      )) as [looked: string, entries: RawEntry[]];
      this.#looked[index] = looked;
      claimed.push(...this.#entriesOf(key, entries));
    }
    return claimed;
  }

  async #makeGroups(): Promise<void> {
    for (const key of this.#keys) {
      await this.#connection.xgroup("CREATE", key, GROUP, "0", "MKSTREAM").catch((error) => {
        if (!String(error).includes("BUSYGROUP")) throw error;
      });
      await this.#forgetDeadReaders(key);
    }
    this.#hasGroups = true;
  }

  async #forgetDeadReaders(key: string): Promise<void> {
    const readers = (await this.#connection.xinfo("CONSUMERS", key, GROUP)) as unknown[][];
    for (const fields of readers) {
      const { name, pending, idle } = Object.fromEntries(pairs(fields)) as Record<string, unknown>;
      if (pending === 0 && Number(idle) > FORGET_READER_MS) {
        await this.#connection.xgroup("DELCONSUMER", key, GROUP, String(name));
      }
    }
  }

  #entriesOf(key: string, entries: readonly RawEntry[]): Entry[] {
    const first = key === this.#keys[0];
    // What was settled while it was being claimed comes without fields.
    return entries.flatMap(([position, fields]) =>
      fields === null ? [] : [{ place: { first, position }, ...parse(fields) }],
    );
  }

  #byKey(places: readonly Place[]): [key: string, positions: string[]][] {
    return this.#keys.flatMap((key, index): [string, string[]][] => {
      const here = places.filter(({ first }) => first === (index === 0));
      return here.length === 0 ? [] : [[key, here.map(({ position }) => position)]];
    });
  }
}

type RawEntry = [position: string, fields: string[] | null];

function keyOf(prefix: string, stream: string, first: boolean): string {
  return `${prefix}:stream:${stream}${first ? ":first" : ""}`;
}

function parse(fields: readonly string[]): { readonly id: string; readonly data: unknown } {
  const { [FIELD_ID]: id = "", [FIELD_DATA]: data = "null" } = Object.fromEntries(pairs(fields));
  return { id, data: parseData(data) };
}

/** Null for foreign entries: a handler drops them, where an error would hold up the others. */
function parseData(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function pairs<Value>(fields: readonly Value[]): [string, Value][] {
  return fields.flatMap((name, index): [string, Value][] => {
    const value = fields[index + 1];
    return index % 2 === 0 && value !== undefined ? [[String(name), value]] : [];
  });
}

/** `UNBLOCKED`: the key went while a command waited on it. */
function isWithoutGroup(error: unknown): boolean {
  return error instanceof Error && /^(NOGROUP|UNBLOCKED)/.test(error.message);
}

function throwFirst(results: readonly [error: Error | null, result: unknown][] | null): void {
  const [error] = results?.find(([error]) => error !== null) ?? [];
  if (error) throw error;
}

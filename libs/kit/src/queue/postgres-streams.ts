import { NOTIFICATIONS } from "@axial/contracts";
import { type Listener, listen, openPool } from "@axial/postgres";
import { MIGRATION_ADVISORY_LOCK_KEY } from "bullmq";
import type { Pool } from "pg";
import { WakeUp } from "../loops/wake-up.ts";
import { areTablesLost } from "./lost-tables.ts";
import {
  type Entry,
  LEASE_MS,
  LOOK_EVERY_MS,
  type Place,
  type StreamBackend,
  type StreamReader,
} from "./stream-backend.ts";
import type { NewMessage } from "./stream-messages.ts";

const POOL_SIZE = 2;
/** Statements are small and find their rows by the key. */
const STATEMENT_TIMEOUT_MS = 10_000;
const { channel: CHANNEL } = NOTIFICATIONS["stream-appended"];

/**
 * One table for all streams; `late` sorts what goes first to the front. Created under the lock that
 * BullMQ creates its own tables under: when two sessions create a schema at once, PostgreSQL fails
 * one of them.
 */
const CREATE = (schema: string) => `
  SELECT pg_advisory_xact_lock(${MIGRATION_ADVISORY_LOCK_KEY}, hashtext('${schema}'));
  CREATE SCHEMA IF NOT EXISTS "${schema}";
  CREATE TABLE IF NOT EXISTS "${schema}".stream_entry (
    stream text NOT NULL,
    late boolean NOT NULL,
    position bigint GENERATED ALWAYS AS IDENTITY,
    id text NOT NULL,
    data jsonb NOT NULL,
    held_until timestamptz NOT NULL DEFAULT '-infinity',
    PRIMARY KEY (stream, late, position)) WITH (fillfactor = 70);`;

const APPEND = (table: string) => `
  WITH entry AS (
    INSERT INTO ${table} (stream, late, id, data)
    SELECT $1, late, id, data FROM ROWS FROM (
      unnest($2::boolean[]), unnest($3::text[]), unnest($4::jsonb[])) AS new (late, id, data))
  SELECT pg_notify('${CHANNEL}', $1)`;

/** By `ctid`, because a join would read the whole table once its statistics say that it is long. */
const TAKE = (table: string) => `
  UPDATE ${table} SET held_until = now() + make_interval(secs => ${LEASE_MS / 1_000})
  WHERE ctid = ANY (ARRAY(
    SELECT ctid FROM ${table} WHERE stream = $1 AND held_until < now()
    ORDER BY late, position LIMIT $2 FOR UPDATE SKIP LOCKED))
  RETURNING late, position, id, data`;

const PLACES = `ROWS FROM (unnest($2::boolean[]), unnest($3::bigint[])) AS place (late, position)
  WHERE entry.stream = $1 AND entry.late = place.late AND entry.position = place.position`;
const RENEW = (table: string) => `
  UPDATE ${table} AS entry SET held_until = now() + make_interval(secs => ${LEASE_MS / 1_000})
  FROM ${PLACES}`;
const SETTLE = (table: string) => `DELETE FROM ${table} AS entry USING ${PLACES}`;
const UNSETTLED = (table: string) => `SELECT id FROM ${table} WHERE stream = $1`;

/** A standby that was not promoted answers every read. */
const WRITING = `SELECT pg_is_in_recovery() AS recovers,
  current_setting('transaction_read_only')::boolean AS reads_only`;

interface Writing {
  readonly recovers: boolean;
  readonly reads_only: boolean;
}

interface Row {
  readonly late: boolean;
  readonly position: string;
  readonly id: string;
  readonly data: unknown;
}

/** Streams in a table of `schema`, which is created when found missing. */
export class PostgresStreams implements StreamBackend {
  readonly #url: string;
  readonly #pool: Pool;
  readonly #table: StreamTable;

  constructor(url: string, options: { readonly schema: string; readonly settings: string }) {
    this.#url = url;
    this.#pool = openPool(url, {
      max: POOL_SIZE,
      statement_timeout: STATEMENT_TIMEOUT_MS,
      application_name: "axial-stream",
      settings: options.settings,
    });
    this.#table = new StreamTable(this.#pool, options.schema);
  }

  async append(stream: string, messages: readonly NewMessage[]): Promise<void> {
    await this.#table.run(APPEND, [
      stream,
      messages.map(({ first = false }) => !first),
      messages.map(({ id }) => id),
      messages.map(({ data }) => JSON.stringify(data)),
    ]);
  }

  reader(stream: string): StreamReader {
    return new PostgresReader(this.#table, { url: this.#url, stream });
  }

  async unsettled(stream: string): Promise<ReadonlySet<string>> {
    const rows = await this.#table.run<Row>(UNSETTLED, [stream]);
    return new Set(rows.map(({ id }) => id));
  }

  async ping(): Promise<void> {
    const { rows } = await this.#pool.query<Writing>(WRITING);
    const [state] = rows;
    if (state?.recovers) throw new Error("PostgreSQL is a standby: it is in recovery");
    if (state?.reads_only) throw new Error("PostgreSQL only takes reads");
  }

  async memory(): Promise<null> {
    return null;
  }

  async close(): Promise<void> {
    await this.#pool.end();
  }
}

class StreamTable {
  readonly #pool: Pool;
  readonly #schema: string;

  constructor(pool: Pool, schema: string) {
    this.#pool = pool;
    this.#schema = schema;
  }

  /** Runs a statement on the table, after creating the table where it is missing. */
  async run<Row extends object>(
    statement: (table: string) => string,
    values: readonly unknown[],
  ): Promise<Row[]> {
    const query = {
      name: statement.name,
      text: statement(`"${this.#schema}".stream_entry`),
      values: [...values],
    };
    try {
      return (await this.#pool.query<Row>(query)).rows;
    } catch (error) {
      if (!areTablesLost(error)) throw error;
      await this.#pool.query(CREATE(this.#schema));
      return (await this.#pool.query<Row>(query)).rows;
    }
  }
}

class PostgresReader implements StreamReader {
  readonly #table: StreamTable;
  readonly #stream: string;
  readonly #appended = new WakeUp();
  readonly #listener: Listener;
  /** The last take was full, or failed: more may wait without a notification. */
  #more = true;
  #closed = false;

  constructor(table: StreamTable, options: { readonly url: string; readonly stream: string }) {
    this.#table = table;
    this.#stream = options.stream;
    this.#listener = listen(
      options.url,
      {
        "stream-appended": (stream) => {
          if (stream === options.stream) this.#appended.wake();
        },
      },
      { onListening: () => this.#appended.wake() },
    );
  }

  async take(limit: number): Promise<Entry[]> {
    if (!this.#more) await this.#appended.wait(LOOK_EVERY_MS);
    if (this.#closed) return [];
    this.#more = true;
    const rows = await this.#table.run<Row>(TAKE, [this.#stream, limit]);
    this.#more = rows.length === limit;
    return rows
      .toSorted(
        (a, b) => Number(a.late) - Number(b.late) || Number(a.position) - Number(b.position),
      )
      .map(({ late, position, id, data }) => ({ place: { first: !late, position }, id, data }));
  }

  async renew(places: readonly Place[]): Promise<void> {
    await this.#table.run(RENEW, this.#keys(places));
  }

  async settle(places: readonly Place[]): Promise<void> {
    await this.#table.run(SETTLE, this.#keys(places));
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#appended.wake();
    await this.#listener.close();
  }

  #keys(places: readonly Place[]): unknown[] {
    return [
      this.#stream,
      places.map(({ first }) => !first),
      places.map(({ position }) => position),
    ];
  }
}

import { endLostConnections } from "@axial/postgres";
import { createPostgresBackend, type PgPool, type PgQueryable } from "bullmq";
import { Pool } from "pg";

/**
 * What BullMQ 6.7 queries whenever a consumer finds nothing to do: when the next delayed job is
 * due, and whether a rate limit holds it back. No job here is delayed and no queue limited, so the
 * answer is always "nothing", and the two were a third of all statements of the queue.
 */
const NEVER_NEEDED = /\b(next_delay|next_signal)\(/;

/**
 * BullMQ's backend on the PostgreSQL at `url`, without queries whose answers are known, and with
 * lost connections ended. It uses what BullMQ publishes of a backend: its connection's pool.
 */
export function bullmqOnPostgres(url: string): typeof createPostgresBackend {
  return (...args) => {
    const backend = createPostgresBackend(...args);
    const { pool } = backend.connection;
    // BullMQ's types name only the part of `pg` that it uses.
    if (!(pool instanceof Pool)) throw new TypeError("BullMQ's pool is not one of this pg");
    endLostConnections(pool, url);
    skipNeverNeeded(backend.connection.pool);
    return backend;
  };
}

function skipNeverNeeded(pool: PgPool): void {
  const query: PgQueryable["query"] = pool.query.bind(pool);
  pool.query = async (text, parameters) =>
    NEVER_NEEDED.test(text) ? { rows: [] } : query(text, parameters);
}

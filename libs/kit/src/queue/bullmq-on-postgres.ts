import { endLostConnections } from "@axial/postgres";
import { createPostgresBackend } from "bullmq";
import type { Pool } from "pg";

/**
 * What BullMQ 6.7 queries whenever a consumer finds nothing to do: when the next delayed job is
 * due, and whether a rate limit holds it back. No job here is delayed and no queue limited, so the
 * answer is always "nothing", and the two were a third of all statements of the queue.
 */
const NEVER_NEEDED: ReadonlySet<string> = new Set(["next_delay", "next_signal"]);

/** The part of BullMQ's backend that every statement goes through; private in its types. */
interface Commands {
  run(command: string, parameters: readonly unknown[]): Promise<{ rows: readonly unknown[] }>;
}

/**
 * BullMQ's backend on the PostgreSQL at `url`, without queries whose answers are known, and with
 * lost connections ended.
 */
export function bullmqOnPostgres(url: string): typeof createPostgresBackend {
  return (...args) => {
    const backend = createPostgresBackend(...args);
    // Made by `pg`; BullMQ's types name the part that it uses.
    endLostConnections(backend.connection.pool as unknown as Pool, url);
    const commands = backend as unknown as Commands;
    const run = commands.run.bind(backend);
    commands.run = async (command, parameters) =>
      NEVER_NEEDED.has(command) ? { rows: [] } : run(command, parameters);
    return backend;
  };
}

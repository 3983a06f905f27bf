import { LANES, type Lane } from "@axial/contracts";
import { sql } from "kysely";
import type { DatabaseTransaction } from "../database.ts";

/** A worker's announcement; `at` is epoch milliseconds. */
interface WorkerAnnouncement {
  readonly worker: string;
  readonly capacity: number;
  readonly models: readonly string[];
  /** Every lane where left out. */
  readonly lanes?: readonly Lane[] | undefined;
  readonly provider: string;
  readonly pool?: string | undefined;
  readonly version?: string | undefined;
  /** Tasks of each lane that it holds. */
  readonly held?: Partial<Readonly<Record<Lane, number>>> | undefined;
  readonly at: number;
}

/**
 * Keeps the newest announcement of each worker and ignores late ones. Workers that have been
 * silent for a day are deleted, because each new pod has a new name.
 */
export async function announceWorkers(
  trx: DatabaseTransaction,
  announcements: readonly WorkerAnnouncement[],
): Promise<void> {
  const newest = new Map<string, WorkerAnnouncement>();
  for (const said of announcements) {
    const known = newest.get(said.worker);
    if (known === undefined || known.at <= said.at) newest.set(said.worker, said);
  }
  if (newest.size === 0) return;
  await sql`DELETE FROM worker WHERE seen_at < now() - interval '1 day'`.execute(trx);
  for (const said of [...newest.values()].sort((a, b) => (a.worker < b.worker ? -1 : 1))) {
    await upsert(trx, said);
  }
}

async function upsert(trx: DatabaseTransaction, said: WorkerAnnouncement): Promise<void> {
  await sql`
    INSERT INTO worker (id, capacity, models, lanes, provider, pool, version,
      held, clock_skew_seconds, seen_at)
    VALUES (${said.worker}, ${said.capacity}, ${[...said.models]},
      ${[...(said.lanes ?? LANES)]}, ${said.provider},
      ${said.pool ?? "default"}, ${said.version ?? null}, ${JSON.stringify(said.held ?? {})},
      ${said.at}::double precision / 1000 - extract(epoch FROM clock_timestamp()),
      least(to_timestamp(${said.at}::double precision / 1000), now()))
    ON CONFLICT (id) DO UPDATE SET capacity = excluded.capacity, models = excluded.models,
      lanes = excluded.lanes, provider = excluded.provider, pool = excluded.pool,
      version = excluded.version, held = excluded.held, clock_skew_seconds = excluded.clock_skew_seconds,
      seen_at = excluded.seen_at
    WHERE worker.seen_at <= excluded.seen_at`.execute(trx);
}

import type { BlobEntry } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { referencedBlobs } from "./blob-references.ts";

/** A deletion of which nothing was heard for this long is done again: its doer died. */
const ABANDONED_SECONDS = 600;

/** Condemns those of the entries that nothing refers to. Gives how many were not condemned yet. */
export async function condemnUnreferenced(
  db: Database,
  entries: readonly Pick<BlobEntry, "key" | "bytes">[],
): Promise<number> {
  const referenced = await referencedBlobs(
    db,
    entries.map((entry) => entry.key),
  );
  const garbage = entries.filter((entry) => !referenced.has(entry.key));
  if (garbage.length === 0) return 0;
  const { numAffectedRows } = await sql`
    INSERT INTO blob_tombstone (key, bytes)
    SELECT key, bytes FROM unnest(${garbage.map((entry) => entry.key)}::text[],
      ${garbage.map((entry) => entry.bytes)}::bigint[]) AS entry (key, bytes) ORDER BY key
    ON CONFLICT (key) DO UPDATE SET condemned_at = now(), deleting_at = NULL, deleted_at = NULL,
        bytes = excluded.bytes
      WHERE blob_tombstone.deleted_at IS NOT NULL`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** The longest condemned blobs; none while somebody holds the blobs. */
export async function dueBlobs(db: Database, limit: number): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone
    WHERE deleted_at IS NULL AND deleting_at IS NULL
      AND NOT EXISTS (SELECT FROM blob_hold WHERE until > now())
    ORDER BY condemned_at LIMIT ${limit}`.execute(db);
  return rows.map((row) => row.key);
}

/** Blobs whose deletion was begun and never reported done. */
export async function abandonedDeletions(db: Database, limit: number): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone WHERE deleted_at IS NULL
      AND deleting_at < now() - make_interval(secs => ${ABANDONED_SECONDS})
    LIMIT ${limit}`.execute(db);
  return rows.map((row) => row.key);
}

export interface Sentence {
  readonly decided: number;
  readonly doomed: readonly BlobKey[];
}

/**
 * Decides on condemned blobs, once older writers have ended: those that something refers to after
 * all are let off, the others are doomed: they may be deleted from the commit on. Nothing is
 * decided while somebody holds the blobs, nor of a blob that another collector looks at.
 */
export function sentence(db: Database, keys: readonly BlobKey[]): Promise<Sentence> {
  return db.transaction().execute(async (trx) => {
    const { rows: held } = await sql`SELECT FROM blob_hold WHERE until > now()`.execute(trx);
    if (held.length > 0) return { decided: 0, doomed: [] };
    const { rows } = await sql<{ key: BlobKey }>`
      SELECT key FROM blob_tombstone
      WHERE key = ANY(${[...keys]}) AND deleting_at IS NULL AND deleted_at IS NULL
      ORDER BY key FOR UPDATE SKIP LOCKED`.execute(trx);
    const condemned = rows.map((row) => row.key);
    const referenced = await referencedBlobs(trx, condemned);
    const doomed = condemned.filter((key) => !referenced.has(key));
    await pardon(trx, [...referenced]);
    await sql`UPDATE blob_tombstone SET deleting_at = now() WHERE key = ANY(${doomed})`.execute(
      trx,
    );
    return { decided: condemned.length, doomed };
  });
}

/** Those whose deletion was decided on and not reported. */
export async function stillDoomed(db: Database, keys: readonly BlobKey[]): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone
    WHERE key = ANY(${[...keys]}) AND deleting_at IS NOT NULL AND deleted_at IS NULL`.execute(db);
  return rows.map((row) => row.key);
}

/**
 * Locks blobs that are to be deleted; those that somebody else has locked are left out: another
 * collector deletes them, or a writer looks at them.
 */
export async function lockDoomed(trx: DatabaseTransaction, keys: readonly BlobKey[]) {
  const { rows } = await sql<{ key: BlobKey; bytes: string }>`
    SELECT key, bytes FROM blob_tombstone
    WHERE key = ANY(${[...keys]}) AND deleting_at IS NOT NULL AND deleted_at IS NULL
    ORDER BY key FOR UPDATE SKIP LOCKED`.execute(trx);
  return rows;
}

/** Records that these are gone from the store. */
export async function markDeleted(trx: DatabaseTransaction, keys: BlobKey[]): Promise<void> {
  await sql`UPDATE blob_tombstone SET deleted_at = now() WHERE key = ANY(${keys})`.execute(trx);
}

/** Takes condemnations back, under the lock of their rows. */
export async function pardon(trx: DatabaseTransaction, keys: readonly BlobKey[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`DELETE FROM blob_tombstone WHERE key = ANY(${[...keys]})`.execute(trx);
}

/** Forgets blobs that were collected longer ago than any write lasts. Gives how many. */
export async function forgetCollected(db: Database, afterSeconds: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM blob_tombstone
    WHERE deleted_at < now() - make_interval(secs => ${afterSeconds})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

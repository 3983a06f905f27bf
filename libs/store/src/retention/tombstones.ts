import type { BlobEntry } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";
import { referencedBlobs } from "./blob-references.ts";

/** A deletion that was not reported for this long is repeated: its collector died. */
const ABANDONED_SECONDS = 600;

/** Condemns the entries that nothing refers to. Returns how many are newly condemned. */
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

/** The longest-condemned blobs; none while a hold is in force. */
export async function dueBlobs(db: Database, limit: number): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone
    WHERE deleted_at IS NULL AND deleting_at IS NULL
      AND NOT EXISTS (SELECT FROM blob_hold WHERE until > now())
    ORDER BY condemned_at LIMIT ${limit}`.execute(db);
  return rows.map((row) => row.key);
}

/** Blobs whose deletion began and was never reported. */
export async function abandonedDeletions(db: Database, limit: number): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone WHERE deleted_at IS NULL
      AND deleting_at < now() - make_interval(secs => ${ABANDONED_SECONDS})
    LIMIT ${limit}`.execute(db);
  return rows.map((row) => row.key);
}

interface Sentence {
  readonly decided: number;
  readonly doomed: readonly BlobKey[];
}

/**
 * Decides on condemned blobs once older writers have ended: those with a reference after all are
 * reprieved, the others are doomed and may be deleted after the commit. Decides nothing while a
 * hold is in force, and skips blobs that another collector has locked.
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

/** Blobs whose deletion was decided on and not reported. */
export async function stillDoomed(db: Database, keys: readonly BlobKey[]): Promise<BlobKey[]> {
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM blob_tombstone
    WHERE key = ANY(${[...keys]}) AND deleting_at IS NOT NULL AND deleted_at IS NULL`.execute(db);
  return rows.map((row) => row.key);
}

/** * Locks blobs that are to be deleted. Skips those locked by another collector or a writer. */
export async function lockDoomed(trx: DatabaseTransaction, keys: readonly BlobKey[]) {
  const { rows } = await sql<{ key: BlobKey; bytes: string }>`
    SELECT key, bytes FROM blob_tombstone
    WHERE key = ANY(${[...keys]}) AND deleting_at IS NOT NULL AND deleted_at IS NULL
    ORDER BY key FOR UPDATE SKIP LOCKED`.execute(trx);
  return rows;
}

/** Records that these blobs are deleted from the store. */
export async function markDeleted(trx: DatabaseTransaction, keys: BlobKey[]): Promise<void> {
  await sql`UPDATE blob_tombstone SET deleted_at = now() WHERE key = ANY(${keys})`.execute(trx);
}

/** Withdraws condemnations, under the lock of their rows. */
export async function pardon(trx: DatabaseTransaction, keys: readonly BlobKey[]): Promise<void> {
  if (keys.length === 0) return;
  await sql`DELETE FROM blob_tombstone WHERE key = ANY(${[...keys]})`.execute(trx);
}

/** Deletes tombstones of blobs collected longer ago than any write lasts. Returns how many. */
export async function forgetCollected(db: Database, afterSeconds: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM blob_tombstone
    WHERE deleted_at < now() - make_interval(secs => ${afterSeconds})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

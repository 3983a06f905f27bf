import { setTimeout as delay } from "node:timers/promises";
import type { BlobStore } from "@axial/blobs";
import type { BlobKey } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import {
  abandonedDeletions,
  dueBlobs,
  lockDoomed,
  markDeleted,
  sentence,
  stillDoomed,
} from "./tombstones.ts";

/** Blobs per batch. */
const BATCH = 200;
/** How long one turn waits for writers that may not have seen a condemnation. */
const FENCE_DEADLINE_MS = 10_000;
const FENCE_POLL_MS = 50;
const CONCURRENT_DELETIONS = 8;
/** Retry after this: a writer that looks at a tombstone locks it for milliseconds. */
const LOCKED_DEADLINE_MS = 10_000;
const LOCKED_POLL_MS = 20;
/** A collector that was suspended must not go on: another may have taken over. */
const DELETION_DEADLINE_MS = 60_000;

/** Blobs deleted, and their bytes where the size is known. */
interface Collected {
  readonly blobs: number;
  readonly bytes: number;
}

/**
 * Deletes condemned blobs that still have no reference, in batches, until none is left or
 * `signal` is aborted. Why this never hits an acknowledged blob: docs/adr/0009.
 */
export async function collectCondemned(
  db: Database,
  blobs: BlobStore,
  signal: AbortSignal,
): Promise<Collected> {
  let total = await deleteBlobs(db, blobs, await abandonedDeletions(db, BATCH));
  while (!signal.aborted) {
    const keys = await dueBlobs(db, BATCH);
    if (keys.length === 0 || !(await olderWritersEnded(db, signal))) break;
    const { decided, doomed } = await sentence(db, keys);
    if (decided === 0) break;
    const { blobs: count, bytes } = await deleteDoomed(db, blobs, doomed);
    total = { blobs: total.blobs + count, bytes: total.bytes + bytes };
  }
  return total;
}

/**
 * Waits until every transaction that wrote something before now has ended. One that looked for a
 * condemnation before it was committed has an older id than the one taken here, so its rows are
 * visible by then. Returns false when some did not end in time.
 */
async function olderWritersEnded(db: Database, signal: AbortSignal): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`SELECT pg_current_xact_id()::text AS id`.execute(db);
  const deadline = Date.now() + FENCE_DEADLINE_MS;
  while (Date.now() < deadline && !signal.aborted) {
    const ended = await sql<{ ended: boolean }>`
      SELECT pg_snapshot_xmin(pg_current_snapshot()) > ${rows[0]?.id}::xid8 AS ended`.execute(db);
    if (ended.rows[0]?.ended === true) return true;
    await delay(FENCE_POLL_MS);
  }
  return false;
}

/**
 * Deletes what this collector has doomed. A tombstone that a writer is looking at is skipped and
 * retried: until it is deleted the blob may be neither used nor written anew.
 */
async function deleteDoomed(
  db: Database,
  blobs: BlobStore,
  doomed: readonly BlobKey[],
): Promise<Collected> {
  const deadline = performance.now() + LOCKED_DEADLINE_MS;
  let total: Collected = { blobs: 0, bytes: 0 };
  for (let keys = doomed; keys.length > 0; keys = await stillDoomed(db, keys)) {
    const { blobs: count, bytes } = await deleteBlobs(db, blobs, keys);
    total = { blobs: total.blobs + count, bytes: total.bytes + bytes };
    if (count === keys.length || performance.now() > deadline) break;
    await delay(LOCKED_POLL_MS);
  }
  return total;
}

/** Deletes from the store under the locks of the tombstones, which keep writers waiting. */
function deleteBlobs(db: Database, blobs: BlobStore, keys: readonly BlobKey[]): Promise<Collected> {
  if (keys.length === 0) return Promise.resolve({ blobs: 0, bytes: 0 });
  return db.transaction().execute(async (trx) => {
    const doomed = await lockDoomed(trx, keys);
    const deadline = performance.now() + DELETION_DEADLINE_MS;
    const left = doomed.map((row) => row.key);
    const deleteNext = async () => {
      for (let key = left.pop(); key !== undefined; key = left.pop()) {
        if (performance.now() > deadline) throw new Error("deleting the blobs took too long");
        await blobs.delete(key);
      }
    };
    await Promise.all(Array.from({ length: CONCURRENT_DELETIONS }, deleteNext));
    await markDeleted(
      trx,
      doomed.map((row) => row.key),
    );
    return {
      blobs: doomed.length,
      bytes: doomed.reduce((sum, row) => sum + Number(row.bytes), 0),
    };
  });
}

import type { BlobEntry, BlobStore } from "@axial/blobs";
import type { Database } from "@axial/store/database";
import { condemnUnreferenced } from "@axial/store/retention";

/** A younger blob may still get its row: a result waits on the queue before it is recorded. */
const GRACE_MS = 24 * 3_600_000;
/** Blobs of one look into the database. */
const BATCH = 1_000;

/** Condemns the old blobs of a shard that no row refers to: written, and never committed. */
export async function condemnShard(
  db: Database,
  blobs: BlobStore,
  shard: number,
  now: number = Date.now(),
): Promise<void> {
  let batch: BlobEntry[] = [];
  const condemn = async () => {
    await condemnUnreferenced(db, batch);
    batch = [];
  };
  for await (const entry of blobs.list(shard.toString(16).padStart(2, "0"))) {
    if (now - entry.modifiedAt.getTime() < GRACE_MS) continue;
    batch.push(entry);
    if (batch.length === BATCH) await condemn();
  }
  await condemn();
}

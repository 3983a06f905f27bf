import type { BlobKey } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/**
 * Filters `keys` to those that a row refers to: an instance, a task's input, a result or its heat
 * maps.
 */
export async function referencedBlobs(
  db: Database | DatabaseTransaction,
  keys: readonly BlobKey[],
): Promise<Set<BlobKey>> {
  if (keys.length === 0) return new Set();
  const { rows } = await sql<{ key: BlobKey }>`
    SELECT key FROM unnest(${[...keys]}::text[]) AS key
    WHERE EXISTS (SELECT FROM instance WHERE blob = key)
      OR EXISTS (SELECT FROM deleted_instance WHERE blob = key)
      OR EXISTS (SELECT FROM task WHERE manifest = key)
      OR EXISTS (SELECT FROM prediction WHERE result_blob = key)
      OR EXISTS (SELECT FROM prediction
        WHERE (jsonb_path_query_first(result, '$.slices[*].heatmap') #>> '{}') = key)`.execute(db);
  return new Set(rows.map((row) => row.key));
}

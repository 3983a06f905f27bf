import type { BlobKey, TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Of these keys of blobs, those that an instance of the tenant has; one index probe each. */
export async function knownInstances(
  db: Database,
  tenant: TenantId,
  hashes: readonly BlobKey[],
): Promise<BlobKey[]> {
  const { rows } = await sql<{ blob: BlobKey }>`
    SELECT asked.blob FROM unnest(${[...hashes]}::text[]) AS asked(blob)
    WHERE EXISTS (SELECT FROM instance
      WHERE instance.blob = asked.blob AND instance.tenant_id = ${tenant})`.execute(db);
  return rows.map(({ blob }) => blob);
}

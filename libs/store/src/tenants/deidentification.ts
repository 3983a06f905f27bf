import type { TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";

/** How a tenant's instances are de-identified before they are stored. */
export interface Deidentification {
  /** Secret, 32 bytes: the same new identities for as long as the tenant exists. */
  readonly key: Buffer;
  readonly dates: "modified" | "full";
  /** Where images have text burned in. */
  readonly regions: readonly object[];
}

/** The tenant's setting; null where instances are stored as they come. */
export async function readDeidentification(
  db: Database,
  tenant: TenantId,
): Promise<Deidentification | null> {
  const row = await db
    .selectFrom("tenant")
    .select(["deidentify", "deidentify_key", "deidentify_regions"])
    .where("id", "=", tenant)
    .executeTakeFirst();
  if (row === undefined || row.deidentify === "off") return null;
  const dates = row.deidentify === "full-dates" ? "full" : "modified";
  return { key: row.deidentify_key, dates, regions: row.deidentify_regions };
}

import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** How long, and how much, is kept of a tenant's data; null means for ever. */
export interface RetentionPolicy {
  readonly tenant: TenantId;
  readonly imagesDays: number | null;
  readonly studiesDays: number | null;
  readonly supersededDays: number | null;
  readonly auditDays: number | null;
  readonly deliveriesDays: number | null;
  readonly imageBytes: number | null;
}

/** The policies of all tenants, or of one. */
export async function readPolicies(db: Database, only?: TenantId): Promise<RetentionPolicy[]> {
  const { rows } = await sql<Omit<RetentionPolicy, "imageBytes"> & { imageBytes: string | null }>`
    SELECT id AS tenant, keep_images_days AS "imagesDays", keep_studies_days AS "studiesDays",
      keep_superseded_days AS "supersededDays", keep_audit_days AS "auditDays",
      keep_deliveries_days AS "deliveriesDays", max_image_bytes AS "imageBytes"
    FROM tenant WHERE ${only ?? null}::text IS NULL OR id = ${only ?? null} ORDER BY id`.execute(
    db,
  );
  return rows.map((row) => ({
    ...row,
    imageBytes: row.imageBytes === null ? null : Number(row.imageBytes),
  }));
}

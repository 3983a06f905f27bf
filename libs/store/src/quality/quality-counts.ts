import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** Bin → results. */
export type BinCounts = Readonly<Record<string, number>>;

/** What one model found in the images of one scanner at one site. */
export interface QualityCounts {
  readonly tenant: TenantId;
  readonly model: string;
  readonly version: string;
  /** Opaque ids, for metrics; `other` beyond the known ones. */
  readonly siteId: string;
  readonly scannerId: string;
  /** As DICOM has them, for people. */
  readonly site: string;
  readonly scanner: string;
  /** Figure → bins. */
  readonly figures: Readonly<Record<string, BinCounts>>;
}

interface QualityQuery {
  /** All tenants where it is null. */
  readonly tenant: TenantId | null;
  readonly from: Date;
  readonly to: Date;
  /** The ones with most results. */
  readonly limit: number;
}

/** Counts of a period, by model, site and scanner, those with most results first. */
export async function readQualityCounts(
  db: Database,
  { tenant, from, to, limit }: QualityQuery,
): Promise<QualityCounts[]> {
  const { rows } = await sql<QualityCounts>`
    WITH summed AS (
      SELECT tenant_id, model_id, model_version, site, scanner, figure, bin, sum(count) AS count
      FROM quality_count
      WHERE hour >= date_trunc('hour', ${from}::timestamptz) AND hour < ${to}
        AND (${tenant}::text IS NULL OR tenant_id = ${tenant})
      GROUP BY 1, 2, 3, 4, 5, 6, 7
    ), figures AS (
      SELECT tenant_id, model_id, model_version, site, scanner, figure,
        jsonb_object_agg(bin, count) AS bins, sum(count) AS total
      FROM summed GROUP BY 1, 2, 3, 4, 5, 6
    )
    SELECT f.tenant_id AS tenant, model_id AS model, model_version AS version, site AS "siteId",
      scanner AS "scannerId", coalesce(min(s.name), site) AS site,
      coalesce(min(c.name), scanner) AS scanner, jsonb_object_agg(figure, bins) AS figures
    FROM figures AS f
    LEFT JOIN quality_name AS s ON s.id = f.site
    LEFT JOIN quality_name AS c ON c.id = f.scanner
    GROUP BY f.tenant_id, model_id, model_version, f.site, f.scanner
    ORDER BY max(total) DESC, 2, 3, 4, 5 LIMIT ${limit}`.execute(db);
  return rows;
}

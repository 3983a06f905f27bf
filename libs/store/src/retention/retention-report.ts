import type { TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "../database.ts";
import { HAS_ENDED, HAS_IMAGES, IS_FINISHED } from "./finished-studies.ts";
import type { RetentionPolicy } from "./retention-policy.ts";

/** What a sweep would remove of a tenant's data now, and what prevents it. */
interface RetentionReport {
  readonly studies: number;
  /** Studies whose images are due, by age or by size. */
  readonly images: number;
  /** Bytes of the images of finished studies, as far as they were measured. */
  readonly imageBytes: number;
  readonly underHold: number;
}

/** Counts what is due under `policy` and removes nothing. */
export async function reportRetention(
  db: Database,
  policy: RetentionPolicy,
): Promise<RetentionReport> {
  const { tenant } = policy;
  const [studies, images, bytes, underHold] = await Promise.all([
    countStudies(db, tenant, sql`${IS_FINISHED} AND ${olderThan(policy.studiesDays)}`),
    countStudies(db, tenant, sql`${IS_FINISHED} AND ${HAS_IMAGES} AND ${imagesDue(policy)}`),
    measuredBytes(db, tenant),
    countStudies(db, tenant, sql`study.hold_since IS NOT NULL`),
  ]);
  return { studies, images, imageBytes: bytes, underHold };
}

/** Always false without a number of days. */
const olderThan = (days: number | null) =>
  sql<boolean>`coalesce(study.completed_at < now() - make_interval(days => ${days}::integer), false)`;

function imagesDue(policy: RetentionPolicy): RawBuilder<boolean> {
  const byAge = olderThan(policy.imagesDays);
  if (policy.imageBytes === null) return byAge;
  return sql`(${byAge} OR ${overSize(policy.tenant, policy.imageBytes)})`;
}

/** Counting from the newest study, what no longer fits into `maxBytes`. */
export function overSize(tenant: TenantId, maxBytes: number): RawBuilder<boolean> {
  return sql`study.id IN (
    SELECT id FROM (
      SELECT study.id, sum(image_bytes) OVER (ORDER BY completed_at DESC, id DESC) AS kept
      FROM study WHERE tenant_id = ${tenant} AND ${HAS_ENDED}
        AND ${HAS_IMAGES}) AS counted
    WHERE kept > ${maxBytes}::bigint)`;
}

async function countStudies(
  db: Database,
  tenant: TenantId,
  condition: RawBuilder<unknown>,
): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    SELECT count(*)::integer AS count FROM study
    WHERE study.tenant_id = ${tenant} AND ${condition}`.execute(db);
  return rows[0]?.count ?? 0;
}

async function measuredBytes(db: Database, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ bytes: string }>`
    SELECT coalesce(sum(image_bytes), 0) AS bytes FROM study
    WHERE tenant_id = ${tenant} AND ${HAS_ENDED}`.execute(db);
  return Number(rows[0]?.bytes ?? 0);
}

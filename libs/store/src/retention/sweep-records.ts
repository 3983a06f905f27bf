import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { KEPT_HOURS } from "../keys/idempotency.ts";

/** Rows per statement. */
const BATCH = 5_000;

/** Removes a tenant's deliveries that ended `days` ago, delivered or dead. */
export async function sweepDeliveries(
  db: Database,
  tenant: TenantId,
  days: number,
): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM delivery WHERE id IN (SELECT id FROM delivery
      WHERE tenant_id = ${tenant} AND state <> 'pending'
        AND created_at < now() - make_interval(days => ${days}) LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Removes a tenant's audit entries that are older than its settings say. */
export async function sweepAudit(db: Database, tenant: TenantId): Promise<number> {
  const { rows } = await sql<{ trimmed: number }>`
    SELECT trim_audit(${tenant}, ${BATCH}::integer) AS trimmed`.execute(db);
  return rows[0]?.trimmed ?? 0;
}

/** Removes expired answers to idempotent requests. */
export async function sweepIdempotencyKeys(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_key WHERE (tenant_id, key) IN (SELECT tenant_id, key
      FROM idempotency_key WHERE created_at < now() - make_interval(hours => ${KEPT_HOURS})
      LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

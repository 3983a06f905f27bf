import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { KEPT_HOURS } from "../keys/idempotency.ts";

/** Rows of one statement. */
const BATCH = 5_000;

/** Removes a tenant's deliveries that ended `days` ago, whichever way. */
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

/** Removes what a tenant's audit says of more than `days` ago. */
export async function sweepAudit(db: Database, tenant: TenantId, days: number): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM audit WHERE id IN (SELECT id FROM audit WHERE tenant_id = ${tenant}
      AND at < now() - make_interval(days => ${days}) LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** Removes answers that no repetition gets any more. */
export async function sweepIdempotencyKeys(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM idempotency_key WHERE (tenant_id, key) IN (SELECT tenant_id, key
      FROM idempotency_key WHERE created_at < now() - make_interval(hours => ${KEPT_HOURS})
      LIMIT ${BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

import type { TenantId } from "@axial/contracts";
import { type RawBuilder, sql } from "kysely";
import type { Database } from "./database.ts";

/** An examination may be weeks after its order; what is older is forgotten. */
const KEPT_DAYS = 90;
const SWEEP_BATCH = 5_000;

interface ImagingOrder {
  readonly tenant: TenantId;
  readonly accession: string;
  readonly stat: boolean;
}

/** Notes an order, or what has changed in it. */
export async function placeOrder(
  db: Database,
  { tenant, accession, stat }: ImagingOrder,
): Promise<void> {
  await sql`
    INSERT INTO imaging_order (tenant_id, accession, stat) VALUES (${tenant}, ${accession}, ${stat})
    ON CONFLICT (tenant_id, accession) DO UPDATE SET stat = excluded.stat, received_at = now()
    `.execute(db);
}

/** Forgets an order that was cancelled. */
export async function cancelOrder(
  db: Database,
  { tenant, accession }: Pick<ImagingOrder, "tenant" | "accession">,
): Promise<void> {
  await db
    .deleteFrom("imaging_order")
    .where("tenant_id", "=", tenant)
    .where("accession", "=", accession)
    .execute();
}

/** Removes orders that no study will be of any more; resolves with their number. */
export async function sweepOrders(db: Database): Promise<number> {
  const { numAffectedRows } = await sql`
    DELETE FROM imaging_order WHERE (tenant_id, accession) IN (SELECT tenant_id, accession
      FROM imaging_order WHERE received_at < now() - make_interval(days => ${KEPT_DAYS})
      LIMIT ${SWEEP_BATCH})`.execute(db);
  return Number(numAffectedRows ?? 0n);
}

/** The lane of row `study`: STAT by its order, unless it waits in a backfill. */
export const ORDERED_LANE: RawBuilder<string> = sql`CASE WHEN study.lane <> 'backfill' AND EXISTS (
  SELECT FROM imaging_order WHERE imaging_order.tenant_id = study.tenant_id AND imaging_order.stat
    AND imaging_order.accession = study.tags #>> '{00080050,Value,0}')
  THEN 'stat' ELSE study.lane END`;

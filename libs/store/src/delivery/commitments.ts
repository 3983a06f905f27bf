import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

/** What is known of a commitment that was asked for a delivery. */
interface AskedCommitment {
  /** Instances that the archive does not commit to; null until it has reported. */
  readonly failed: number | null;
  readonly secondsAgo: number;
}

interface Asked {
  readonly transactionUid: string;
  readonly tenant: TenantId;
  readonly delivery: string;
}

/** Notes a request before it is sent, so that its report is known whenever and wherever it comes. */
export async function askCommitment(
  db: Database,
  { transactionUid, tenant, delivery }: Asked,
): Promise<void> {
  await db
    .insertInto("commitment")
    .values({ transaction_uid: transactionUid, tenant_id: tenant, delivery_id: delivery })
    .execute();
}

/** The last commitment that was asked since the delivery was made due, or null. */
export async function findCommitment(
  db: Database,
  delivery: string,
): Promise<AskedCommitment | null> {
  const { rows } = await sql<AskedCommitment>`
    SELECT commitment.failed,
      extract(epoch FROM now() - commitment.asked_at)::float8 AS "secondsAgo"
    FROM commitment JOIN delivery ON delivery.id = commitment.delivery_id
    WHERE commitment.delivery_id = ${delivery} AND commitment.asked_at >= delivery.created_at
    ORDER BY commitment.asked_at DESC LIMIT 1`.execute(db);
  return rows[0] ?? null;
}

interface Report {
  readonly transactionUid: string;
  readonly failed: number;
}

/** Notes a report and makes its delivery due; false when no such commitment was asked for. */
export async function recordCommitment(
  db: Database,
  tenant: TenantId,
  { transactionUid, failed }: Report,
): Promise<boolean> {
  const { rows } = await sql<{ delivery: string }>`
    WITH reported AS (
      UPDATE commitment SET failed = ${failed}, reported_at = now()
      WHERE transaction_uid = ${transactionUid} AND tenant_id = ${tenant}
      RETURNING delivery_id
    ), woken AS (
      UPDATE delivery SET not_before = now() FROM reported
      WHERE delivery.id = reported.delivery_id AND delivery.state = 'pending')
    SELECT delivery_id AS delivery FROM reported`.execute(db);
  return rows.length > 0;
}

/** Forgets what was asked for a delivery: it is sent and asked for again. */
export async function forgetCommitments(db: Database, delivery: string): Promise<void> {
  await db.deleteFrom("commitment").where("delivery_id", "=", delivery).execute();
}

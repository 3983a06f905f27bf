import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database, DatabaseTransaction } from "../database.ts";

/** A request with an `Idempotency-Key`, and a hash of what it asks for. */
export interface KeyedRequest {
  readonly tenant: TenantId;
  readonly key: string;
  readonly fingerprint: string;
}

interface StoredAnswer {
  readonly status: number;
  readonly body: object;
}

/** The state of a key: unused, used for this request with its answer, or used for another. */
type KeptAnswer =
  | { readonly status: "none" | "other" }
  | { readonly status: "answered"; readonly answer: StoredAnswer };

/** Answers are kept for a day. */
export const KEPT_HOURS = 24;

/** Locks the key until the transaction ends. */
export async function lockIdempotencyKey(
  trx: DatabaseTransaction,
  { tenant, key }: KeyedRequest,
): Promise<void> {
  await sql`SELECT pg_advisory_xact_lock(hashtextextended(${`idempotency ${tenant} ${key}`}, 0))`.execute(
    trx,
  );
}

export async function readKeptAnswer(
  db: Database | DatabaseTransaction,
  { tenant, key, fingerprint }: KeyedRequest,
): Promise<KeptAnswer> {
  const row = await db
    .selectFrom("idempotency_key")
    .select(["fingerprint", "status", "body"])
    .where("tenant_id", "=", tenant)
    .where("key", "=", key)
    .where("created_at", ">=", sql<Date>`now() - make_interval(hours => ${KEPT_HOURS})`)
    .executeTakeFirst();
  if (!row || row.status === null || row.body === null) return { status: "none" };
  if (row.fingerprint !== fingerprint) return { status: "other" };
  return { status: "answered", answer: { status: row.status, body: row.body } };
}

/** Stores the answer for repetitions; the first one stays. */
export async function keepAnswer(
  db: Database | DatabaseTransaction,
  { tenant, key, fingerprint }: KeyedRequest,
  { status, body }: StoredAnswer,
): Promise<void> {
  await sql`
    INSERT INTO idempotency_key (tenant_id, key, fingerprint, status, body)
    VALUES (${tenant}, ${key}, ${fingerprint}, ${status}, ${JSON.stringify(body)})
    ON CONFLICT (tenant_id, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, status = excluded.status, body = excluded.body,
        created_at = now()
      WHERE idempotency_key.status IS NULL
        OR idempotency_key.created_at < now() - make_interval(hours => ${KEPT_HOURS})`.execute(db);
}

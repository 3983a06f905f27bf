import type { TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";

export interface IdempotencyId {
  readonly tenant: TenantId;
  readonly key: string;
}

export interface StoredAnswer {
  readonly status: number;
  readonly body: object;
}

/** What a key says of a request: it is the first, was answered, still runs, or was another's. */
export type IdempotencyClaim =
  | { readonly status: "claimed" }
  | { readonly status: "running" | "other" }
  | { readonly status: "answered"; readonly answer: StoredAnswer };

/** A request that died without an answer frees its key after this. */
const ABANDONED_SECONDS = 300;
/** Answers are kept for a day. */
export const KEPT_HOURS = 24;

/** Takes the key for a request with this fingerprint, or says why not. */
export async function claimIdempotencyKey(
  db: Database,
  { tenant, key, fingerprint }: IdempotencyId & { readonly fingerprint: string },
): Promise<IdempotencyClaim> {
  const claimed = await sql`
    INSERT INTO idempotency_key (tenant_id, key, fingerprint)
    VALUES (${tenant}, ${key}, ${fingerprint})
    ON CONFLICT (tenant_id, key) DO UPDATE
      SET fingerprint = excluded.fingerprint, status = NULL, body = NULL, created_at = now()
      WHERE idempotency_key.created_at < now() - make_interval(hours => ${KEPT_HOURS})
        OR (idempotency_key.status IS NULL
          AND idempotency_key.created_at < now() - make_interval(secs => ${ABANDONED_SECONDS}))
    RETURNING key`.execute(db);
  if (claimed.rows.length > 0) return { status: "claimed" };
  const row = await db
    .selectFrom("idempotency_key")
    .select(["fingerprint", "status", "body"])
    .where("tenant_id", "=", tenant)
    .where("key", "=", key)
    .executeTakeFirst();
  if (row !== undefined && row.fingerprint !== fingerprint) return { status: "other" };
  if (!row || row.status === null || row.body === null) return { status: "running" };
  return { status: "answered", answer: { status: row.status, body: row.body } };
}

/** Keeps the answer for repetitions. */
export async function settleIdempotencyKey(
  db: Database,
  { tenant, key }: IdempotencyId,
  { status, body }: StoredAnswer,
): Promise<void> {
  await db
    .updateTable("idempotency_key")
    .set({ status, body: JSON.stringify(body) })
    .where("tenant_id", "=", tenant)
    .where("key", "=", key)
    .execute();
}

/** Frees a key whose request failed. */
export async function forgetIdempotencyKey(
  db: Database,
  { tenant, key }: IdempotencyId,
): Promise<void> {
  await db
    .deleteFrom("idempotency_key")
    .where("tenant_id", "=", tenant)
    .where("key", "=", key)
    .where("status", "is", null)
    .execute();
}

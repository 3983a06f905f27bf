import type { Role, TenantId } from "@axial/contracts";
import type { Selectable } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database } from "../database.ts";
import type { ApiKeyTable } from "../schema.ts";

export type ApiKeyRow = Omit<Selectable<ApiKeyTable>, "hash" | "installation">;

const COLUMNS = ["id", "tenant_id", "name", "role", "created_at", "revoked_at"] as const;

/** The acting key, for the audit. */
type Actor = AuditEntry["principal"];

interface NewApiKey {
  readonly id: string;
  readonly tenant: TenantId;
  readonly name: string;
  readonly role: Role;
  /** SHA-256 of the key; the key itself is never stored. */
  readonly hash: string;
  /** The one that AXIAL_ADMIN_KEY names. */
  readonly installation?: boolean;
  /** Why it is made, for the audit. */
  readonly reason?: string | undefined;
}

/** The key of that hash, revoked or not. */
export async function findApiKey(db: Database, hash: string): Promise<ApiKeyRow | null> {
  const row = await db
    .selectFrom("api_key")
    .select(COLUMNS)
    .where("hash", "=", hash)
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Creates a key; an existing hash is left alone. Returns false when there is no such tenant: a name
 * in a key makes none.
 */
export function createApiKey(db: Database, key: NewApiKey, by: Actor): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const tenant = trx.selectFrom("tenant").select("id").where("id", "=", key.tenant);
    if ((await tenant.forKeyShare().executeTakeFirst()) === undefined) return false;
    const { id, tenant: tenant_id, name, role, hash, installation = false } = key;
    const inserted = await trx
      .insertInto("api_key")
      .values({ id, tenant_id, name, role, hash, installation })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return true;
    const { reason } = key;
    const detail = { role, name, tenant: tenant_id, ...(reason === undefined ? {} : { reason }) };
    await writeAudit(trx, { principal: by, action: "key.create", target: id, detail });
    return true;
  });
}

export function listApiKeys(db: Database, tenant: TenantId): Promise<ApiKeyRow[]> {
  return db
    .selectFrom("api_key")
    .select(COLUMNS)
    .where("tenant_id", "=", tenant)
    .orderBy("created_at")
    .execute();
}

/** Revokes a tenant's key. Returns false when it does not exist or was revoked before. */
export function revokeApiKey(
  db: Database,
  key: { readonly tenant: TenantId; readonly id: string; readonly reason?: string | undefined },
  by: Actor,
): Promise<boolean> {
  const { tenant, id, reason } = key;
  return db.transaction().execute(async (trx) => {
    const updated = await trx
      .updateTable("api_key")
      .set({ revoked_at: new Date() })
      .where("id", "=", id)
      .where("tenant_id", "=", tenant)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n) return false;
    const detail = reason === undefined ? {} : { reason };
    await writeAudit(trx, { principal: by, action: "key.revoke", target: id, detail });
    return true;
  });
}

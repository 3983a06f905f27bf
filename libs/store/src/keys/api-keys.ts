import type { Role, TenantId } from "@axial/contracts";
import type { Selectable } from "kysely";
import { type AuditEntry, writeAudit } from "../audit.ts";
import type { Database } from "../database.ts";
import type { ApiKeyTable } from "../schema.ts";

export type ApiKeyRow = Omit<Selectable<ApiKeyTable>, "hash">;

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
}

/** The key of that hash unless it was revoked. */
export async function findApiKey(db: Database, hash: string): Promise<ApiKeyRow | null> {
  const row = await db
    .selectFrom("api_key")
    .select(COLUMNS)
    .where("hash", "=", hash)
    .where("revoked_at", "is", null)
    .executeTakeFirst();
  return row ?? null;
}

/** Creates a key, and its tenant where that is new; an existing hash is left alone. */
export function createApiKey(db: Database, key: NewApiKey, by: Actor): Promise<void> {
  return db.transaction().execute(async (trx) => {
    const ifNew = trx.insertInto("tenant").values({ id: key.tenant });
    await ifNew.onConflict((conflict) => conflict.doNothing()).execute();
    const { id, tenant: tenant_id, name, role, hash } = key;
    const inserted = await trx
      .insertInto("api_key")
      .values({ id, tenant_id, name, role, hash })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return;
    const detail = { role, name };
    await writeAudit(trx, { principal: by, action: "key.create", target: id, detail });
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
  { tenant, id }: { readonly tenant: TenantId; readonly id: string },
  by: Actor,
): Promise<boolean> {
  return db.transaction().execute(async (trx) => {
    const updated = await trx
      .updateTable("api_key")
      .set({ revoked_at: new Date() })
      .where("id", "=", id)
      .where("tenant_id", "=", tenant)
      .where("revoked_at", "is", null)
      .executeTakeFirst();
    if (updated.numUpdatedRows === 0n) return false;
    await writeAudit(trx, { principal: by, action: "key.revoke", target: id });
    return true;
  });
}

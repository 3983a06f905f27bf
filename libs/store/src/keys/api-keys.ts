import { type KeyScope, type Role, type TenantId, UNLIMITED_SCOPE } from "@axial/contracts";
import { type Selectable, sql } from "kysely";
import { type AuditEntry, writeAudit } from "../audit/index.ts";
import type { Database, DatabaseTransaction } from "../database.ts";
import type { ApiKeyTable } from "../schema.ts";

export type ApiKeyRow = Omit<Selectable<ApiKeyTable>, "hash" | "installation">;

const COLUMNS = [
  ...(["id", "tenant_id", "name", "role", "created_at", "revoked_at"] as const),
  ...(["expires_at", "lanes", "models", "ae_titles"] as const),
] as const;

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
  /** From then on it opens nothing; null or left out: never. */
  readonly expiresAt?: Date | null;
  /** What it is for; everything when left out. */
  readonly scope?: KeyScope;
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

type KeyCreation = "created" | "no-tenant" | "quota-exceeded";

/**
 * Creates a key; an existing hash is left alone. `no-tenant` when there is no such tenant: a name in
 * a key makes none. The installation's own key does not count against the quota.
 */
export function createApiKey(db: Database, key: NewApiKey, by: Actor): Promise<KeyCreation> {
  return db.transaction().execute(async (trx) => {
    const tenant = await trx
      .selectFrom("tenant")
      .select("max_keys")
      .where("id", "=", key.tenant)
      // Counting the keys waits for concurrent requests that make some.
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (tenant === undefined) return "no-tenant";
    const full = tenant.max_keys !== null && (await countKeys(trx, key.tenant)) >= tenant.max_keys;
    if (full && key.installation !== true) return "quota-exceeded";
    const { id, tenant: tenant_id, name, role, hash, installation = false } = key;
    const { expiresAt: expires_at = null, scope = UNLIMITED_SCOPE } = key;
    const { lanes, models, aeTitles: ae_titles } = scope;
    const inserted = await trx
      .insertInto("api_key")
      .values({
        id,
        tenant_id,
        name,
        role,
        hash,
        installation,
        expires_at,
        lanes,
        models,
        ae_titles,
      })
      .onConflict((conflict) => conflict.column("hash").doNothing())
      .executeTakeFirst();
    if (inserted.numInsertedOrUpdatedRows === 0n) return "created";
    const { reason } = key;
    const limits = { lanes, models, aeTitles: ae_titles, expires: expires_at?.toISOString() };
    const detail = { role, name, tenant: tenant_id, ...given(limits), ...given({ reason }) };
    await writeAudit(trx, { principal: by, action: "key.create", target: id, detail });
    return "created";
  });
}

/** What has a value. */
function given(fields: Readonly<Record<string, unknown>>): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value != null));
}

/** Valid keys of a tenant. */
async function countKeys(trx: DatabaseTransaction, tenant: TenantId): Promise<number> {
  const { count } = await trx
    .selectFrom("api_key")
    .select(({ fn }) => fn.countAll<string>().as("count"))
    .where("tenant_id", "=", tenant)
    .where("revoked_at", "is", null)
    .where(sql<boolean>`(expires_at IS NULL OR expires_at > now())`)
    .executeTakeFirstOrThrow();
  return Number(count);
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

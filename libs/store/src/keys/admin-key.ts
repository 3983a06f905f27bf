import { newId, type TenantId } from "@axial/contracts";
import { sql } from "kysely";
import type { Database } from "../database.ts";
import { createApiKey, revokeApiKey } from "./api-keys.ts";
import { hashApiKey } from "./authenticator.ts";

const TENANT = "default" as TenantId;
/** The system's own doing. */
const NOBODY = { tenant: TENANT, keyId: null };

/**
 * Makes `key` the installation's own admin key, and retires the one that was it before. Idempotent.
 * Returns `retired` for a key that was replaced or revoked itself: it stays so, and nothing else
 * changes, because a process with an old setting must not undo a rotation.
 */
export async function ensureAdminKey(db: Database, key: string): Promise<"current" | "retired"> {
  const hash = hashApiKey(key);
  const known = await db
    .selectFrom("api_key")
    .select("revoked_at")
    .where("hash", "=", hash)
    .executeTakeFirst();
  if (known !== undefined) return known.revoked_at === null ? "current" : "retired";
  const row = { id: newId(), tenant: TENANT, name: "admin", role: "admin", hash } as const;
  const home = db.insertInto("tenant").values({ id: TENANT });
  await home.onConflict((conflict) => conflict.doNothing()).execute();
  await createApiKey(db, { ...row, installation: true }, NOBODY);
  const reason = "replaced by another AXIAL_ADMIN_KEY";
  for (const id of await replacedKeys(db, hash)) {
    await revokeApiKey(db, { tenant: TENANT, id, reason }, NOBODY);
  }
  return "current";
}

/** Valid installation keys that are older than this one. */
async function replacedKeys(db: Database, hash: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    SELECT old.id FROM api_key AS old JOIN api_key AS new ON new.hash = ${hash}
    WHERE old.installation AND old.revoked_at IS NULL AND old.id <> new.id
      AND old.created_at <= new.created_at`.execute(db);
  return rows.map(({ id }) => id);
}

import { newId, type TenantId } from "@axial/contracts";
import type { Database } from "../database.ts";
import { createApiKey } from "./api-keys.ts";
import { hashApiKey } from "./authenticator.ts";

const DEFAULT_TENANT = "default" as TenantId;

/** Makes `key` an admin key of the default tenant. Idempotent. */
export async function ensureAdminKey(db: Database, key: string): Promise<void> {
  const tenant = DEFAULT_TENANT;
  const row = { id: newId(), tenant, name: "admin", role: "admin", hash: hashApiKey(key) } as const;
  await createApiKey(db, row, { tenant, keyId: null });
}

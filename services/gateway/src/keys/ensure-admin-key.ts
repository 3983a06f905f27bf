import { newId, type TenantId } from "@axial/contracts";
import { createApiKey, type Database } from "@axial/store";
import { hashApiKey } from "./api-key.ts";

const DEFAULT_TENANT = "default" as TenantId;

/** Makes `key` an admin key of the default tenant; the same key again changes nothing. */
export async function ensureAdminKey(db: Database, key: string): Promise<void> {
  const hash = hashApiKey(key);
  const row = { id: newId(), tenant: DEFAULT_TENANT, name: "admin", role: "admin", hash } as const;
  await createApiKey(db, row, { tenant: DEFAULT_TENANT, keyId: null });
}

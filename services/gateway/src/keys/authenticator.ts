import type { Authenticate, Principal } from "@axial/kit";
import { type Database, findApiKey } from "@axial/store";
import { hashApiKey } from "./api-key.ts";

/** A revoked key works for this long at most; a busy sender costs one query in this time. */
const FRESH_MS = 5_000;
/** Distinct tokens remembered; a flood of wrong ones must not fill the memory. */
const MAX_REMEMBERED = 10_000;

/** Finds who a bearer token belongs to, remembering answers for a few seconds. */
export function createAuthenticator(db: Database): Authenticate {
  const known = new Map<string, { at: number; principal: Promise<Principal | null> }>();
  return (token) => {
    const hash = hashApiKey(token);
    const now = Date.now();
    const remembered = known.get(hash);
    if (remembered !== undefined && now - remembered.at < FRESH_MS) return remembered.principal;
    if (known.size >= MAX_REMEMBERED) known.clear();
    const principal = lookUp(db, hash);
    known.set(hash, { at: now, principal });
    principal.catch(() => known.delete(hash));
    return principal;
  };
}

async function lookUp(db: Database, hash: string): Promise<Principal | null> {
  const row = await findApiKey(db, hash);
  return row && { keyId: row.id, tenant: row.tenant_id, role: row.role };
}
